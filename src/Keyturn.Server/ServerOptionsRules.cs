namespace Keyturn.Server;

/// <summary>The rules of <see cref="ServerOptions.Problems"/>.</summary>
internal static class ServerOptionsRules
{
    public static IEnumerable<Violation> Broken(ServerOptions options) =>
        [.. BrokenByFiles(options), .. options.Urls.SelectMany(url => BrokenByUrl(options, url)), .. BrokenByCount(options)];

    private static IEnumerable<Violation> BrokenByFiles(ServerOptions options)
    {
        if (!File.Exists(options.StorePath))
        {
            yield return new Violation("store", $"There is no store at {options.StorePath}: make one with keyturn init.");
        }

        if (options.MasterKeyPath is { } masterKey && !File.Exists(masterKey))
        {
            yield return new Violation("master-key", $"There is no master key file at {masterKey}.");
        }

        if (options.CertificatePath is null != options.CertificateKeyPath is null)
        {
            yield return new Violation("certificate", "A certificate comes with its private key, both as PEM files.");
        }

        foreach (var path in new[] { options.CertificatePath, options.CertificateKeyPath }.Where(path => path is not null && !File.Exists(path)))
        {
            yield return new Violation("certificate", $"There is no file at {path}.");
        }
    }

    private static IEnumerable<Violation> BrokenByUrl(ServerOptions options, string url)
    {
        if (ListenAddress.TryParse(url) is not { } address)
        {
            yield return new Violation("url", $"{url} is no address to listen on: https://host:port or http://host:port, the host an IP address, localhost or *.");
        }
        else if (!address.IsTls && !address.IsLoopback && !options.InsecureHttp)
        {
            yield return new Violation("url", $"{url}: plain HTTP shows passwords and tokens to the network; it is served on loopback only, unless insecure HTTP is allowed.");
        }
    }

    private static IEnumerable<Violation> BrokenByCount(ServerOptions options)
    {
        if (options.Urls.Count == 0)
        {
            yield return new Violation("url", "There is no address to listen on.");
        }
    }
}
