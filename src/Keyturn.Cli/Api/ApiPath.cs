namespace Keyturn.Cli.Api;

/// <summary>Paths and queries of the native API. Every name is one segment, whatever characters it has.</summary>
internal static class ApiPath
{
    public static string Of(params string[] segments) => string.Concat(segments.Select(segment => "/" + Uri.EscapeDataString(segment)));

    /// <summary>Appends the parameters that have a value.</summary>
    public static string WithQuery(this string path, params (string Name, string? Value)[] parameters)
    {
        var given = parameters.Where(parameter => parameter.Value is not null).Select(parameter => $"{parameter.Name}={Uri.EscapeDataString(parameter.Value!)}");
        var query = string.Join('&', given);
        return query.Length == 0 ? path : $"{path}?{query}";
    }
}
