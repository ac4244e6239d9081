using Keyturn.Instances;

namespace Keyturn.Server.Dialects.GaussDb;

/// <summary>Which instances a list asks for.</summary>
internal sealed class GaussDbFilter
{
    private readonly List<Func<Instance, bool>> _conditions = [GaussDbInstances.IsOne];

    /// <summary>Null where a condition cannot be meant: a name of <c>*</c> alone, a tag without its value.</summary>
    public static GaussDbFilter? TryRead(HttpRequest request)
    {
        var filter = new GaussDbFilter();
        filter.Add(request, "id", (instance, id) => GaussDbInstances.Id(instance).Equals(id, StringComparison.OrdinalIgnoreCase));
        filter.Add(request, "name", IsNamed);
        filter.Add(request, "type", (_, type) => type.Equals(GaussDbInstances.Cluster, StringComparison.OrdinalIgnoreCase));
        filter.Add(request, "datastore_type", (_, type) => type.Equals(GaussDbInstances.Engine, StringComparison.OrdinalIgnoreCase));
        filter.Add(request, "vpc_id", (instance, id) => GaussDbInstances.Of(instance, InstanceAttribute.Vpc) == id);
        filter.Add(request, "subnet_id", (instance, id) => GaussDbInstances.Of(instance, InstanceAttribute.Subnet) == id);
        filter.Add(request, "private_ip", (instance, ip) => GaussDbInstances.Address(instance) == ip || instance.Nodes.Any(node => node.Host == ip));
        return request.Query["name"] != "*" && filter.AddTags(request) ? filter : null;
    }

    public IReadOnlyList<Instance> Of(IEnumerable<Instance> all) => [.. all.Where(instance => _conditions.TrueForAll(condition => condition(instance)))];

    /// <summary>A leading asterisk asks for all names that hold the rest.</summary>
    private static bool IsNamed(Instance instance, string name) =>
        name.StartsWith('*') ? instance.Name.Contains(name[1..], StringComparison.Ordinal) : instance.Name == name;

    private void Add(HttpRequest request, string name, Func<Instance, string, bool> isMeant)
    {
        if (request.Query[name].ToString() is { Length: > 0 } text)
        {
            _conditions.Add(instance => isMeant(instance, text));
        }
    }

    private bool AddTags(HttpRequest request)
    {
        foreach (var tag in request.Query["tags"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (tag.Split('=', 2) is not [{ Length: > 0 } key, var value])
            {
                return false;
            }

            _conditions.Add(instance => instance.Tags.GetValueOrDefault(key) == value);
        }

        return true;
    }
}
