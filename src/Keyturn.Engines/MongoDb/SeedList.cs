using Keyturn.Engines.Tls;
using Keyturn.Instances;
using Keyturn.Wire;
using Keyturn.Wire.Dns;

namespace Keyturn.Engines.MongoDb;

/// <summary>Looks up the seeds of a <c>mongodb+srv://</c> address, as MongoDB's specification of the seed list has it.</summary>
internal sealed class SeedList(DnsClient dns)
{
    // What a TXT record may say; MongoDB's specification calls anything else an error.
    private static readonly string[] TextOptions = ["authSource", "replicaSet", "loadBalanced"];

    public async ValueTask<Answer<ConnectionString>> ResolveAsync(ConnectionString srv, CancellationToken cancel)
    {
        var name = srv.Hosts[0].Host;
        try
        {
            var services = await dns.ServicesAsync($"_{srv.ServiceName}._tcp.{name}", cancel);
            var texts = await dns.TextsAsync(name, cancel);
            return services.Count == 0 ? new Failure(EngineError.NameNotResolved, $"There is no SRV record for {name}.")
                : services.Any(service => Uri.CheckHostName(service.Target) != UriHostNameType.Dns) ? ConnectionString.Invalid("its SRV record names something that is no host")
                : services.FirstOrDefault(service => !IsBelow(service.Target, name)) is { } foreign ? ConnectionString.Invalid($"its SRV record names {foreign.Target}, which is of another domain")
                : Resolve(srv, services, texts);
        }
        catch (WireException error)
        {
            return error.ToFailure();
        }
    }

    /// <summary>
    /// A host of another domain would be one that whoever forges DNS has a certificate for: each must be below the name's parent.
    /// </summary>
    private static bool IsBelow(string host, string name) => host.EndsWith(name[name.IndexOf('.', StringComparison.Ordinal)..], StringComparison.OrdinalIgnoreCase);

    private static Answer<ConnectionString> Resolve(ConnectionString srv, IReadOnlyList<SrvRecord> services, IReadOnlyList<string> texts)
    {
        var options = texts.Count > 0 ? texts[0] : "";
        if (texts.Count > 1 || options.Split('&', StringSplitOptions.RemoveEmptyEntries).Any(option => !TextOptions.Contains(option.Split('=')[0], StringComparer.OrdinalIgnoreCase)))
        {
            return ConnectionString.Invalid("its TXT record is not one, or has other options than authSource, replicaSet and loadBalanced");
        }

        // What the string itself says comes before what DNS says.
        var completed = srv.With(options);
        return completed.Value is { } found
            ? Answer.Of(found with { Hosts = [.. services.Select(service => new Node(service.Target, service.Port))], AuthDatabase = srv.AuthDatabase ?? found.AuthDatabase })
            : completed;
    }
}
