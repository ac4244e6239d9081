using Keyturn.Server.Doors;
using Keyturn.Storage;
using Keyturn.Storage.Care;

namespace Keyturn.Server;

/// <summary>The rules of <see cref="ServerOptions.Problems"/>.</summary>
internal static class ServerOptionsRules
{
    public static IEnumerable<Violation> Broken(ServerOptions options) =>
        [.. BrokenByFiles(options), .. Listeners(options).SelectMany(url => BrokenByUrl(options, url)), .. BrokenByDialects(options), .. BrokenByCount(options)];

    private const int MostRequests = 1_000_000;

    /// <summary>All addresses to listen on, those of dialects too.</summary>
    public static IEnumerable<string> Listeners(ServerOptions options) => options.Urls.Concat(options.Dialects.Where(dialect => dialect.IsListener).Select(dialect => dialect.Url));

    private static IEnumerable<Violation> BrokenByFiles(ServerOptions options)
    {
        if (!Store.IsPostgreSql(options.Store) && !File.Exists(options.Store))
        {
            yield return new Violation("store", $"There is no store at {options.Store}: make one with keyturn init.");
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

    private static IEnumerable<Violation> BrokenByDialects(ServerOptions options)
    {
        foreach (var dialect in options.Dialects)
        {
            if (DoorList.Dialects.All(door => door.Name != dialect.Door))
            {
                yield return new Violation("dialect", $"There is no dialect {dialect.Door}; there are {string.Join(", ", DoorList.Dialects.Select(door => door.Name))}.");
            }

            if (!dialect.IsListener && dialect.HostName is null)
            {
                yield return new Violation("dialect", $"{dialect.Url} is no address: https://host:port, the host an IP address to listen on, or a name that requests come for.");
            }
        }

        foreach (var twice in options.Dialects.Select(dialect => dialect.HostName ?? dialect.Url).Concat(options.Urls).Where(url => !url.EndsWith(":0", StringComparison.Ordinal))
            .GroupBy(url => url, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
        {
            yield return new Violation("dialect", $"{twice.Key} is given twice.");
        }

        foreach (var twice in options.Dialects.Where(dialect => dialect.IsListener).GroupBy(dialect => dialect.Door).Where(group => group.Count() > 1))
        {
            yield return new Violation("dialect", $"{twice.Key} has more than one address to listen on.");
        }
    }

    private static IEnumerable<Violation> BrokenByCount(ServerOptions options)
    {
        if (options.DigitalOceanLimit < 1)
        {
            yield return new Violation("digitalocean-limit", "The limit of calls is at least 1.");
        }

        if (options.RateLimit is < 1 or > MostRequests)
        {
            yield return new Violation("rate-limit", $"The limit of requests is 1 to {MostRequests} a second.");
        }

        if (options.MaxConnections < 1)
        {
            yield return new Violation("max-connections", "The limit of connections is at least 1.");
        }

        if (options.KeptVersions < RetentionRules.LeastVersions)
        {
            yield return new Violation("keep-versions", $"At least {RetentionRules.LeastVersions} old version of a password is kept.");
        }

        if (options.KeptResets < RetentionRules.LeastResets)
        {
            yield return new Violation("keep-resets", $"Resets are kept for at least {RetentionRules.LeastResets.TotalDays} days: jobs, and requests that are repeated, are answered from them.");
        }

        if (options.Urls.Count == 0)
        {
            yield return new Violation("url", "There is no address to listen on.");
        }
    }
}
