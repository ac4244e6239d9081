namespace Keyturn.Bench;

/// <summary>
/// What HashiCorp Vault 1.8's static roles did in an earlier run on another machine, at 32 callers, with durable storage and without TLS:
/// rotations in a second as it comes, and with the roles of one server spread over eight connections. It proves nothing.
/// </summary>
/// <param name="Server">On what.</param>
/// <param name="Bare">The bare statement on warm sessions, in the same run.</param>
/// <param name="Default">As it comes.</param>
/// <param name="DefaultShare">Of the bare statement's rate: the median of the ratios within rounds.</param>
/// <param name="Tuned">With eight connections.</param>
/// <param name="TunedShare">Likewise.</param>
internal sealed record Peer(string Server, double Bare, double Default, double DefaultShare, double Tuned, double TunedShare)
{
    public static readonly IReadOnlyList<Peer> All = [new("postgresql-15", 621, 187, 0.31, 405, 0.56), new("mariadb-10.11", 4294, 655, 0.16, 1617, 0.25)];
}

/// <summary>Resets without TLS, as the peer's were: with the proof that it has not, and without.</summary>
internal static class PeerRows
{
    public const string WithoutTls = " without TLS";

    public static async Task<IReadOnlyList<Row>> MeasureAsync(Workbench bench, KeyturnProcess keyturn, Peer peer)
    {
        var server = bench.Lab.Servers[peer.Server];
        var instance = $"{peer.Server}-plain";
        await using var bare = await BareStatement.PrepareAsync(bench.Engines[server.Engine], server, Workbench.MostCallers);
        await Product.RegisterAsync(keyturn.Http, instance, server, caPem: null);
        var (proved, unproved) = (new Product(keyturn.Http, instance, "proved"), new Product(keyturn.Http, instance, "unproved", "none"));
        await proved.CreateAllAsync(Workbench.MostCallers);
        await unproved.CreateAllAsync(Workbench.MostCallers);
        var subject = $"{peer.Server} ({server.Version}){WithoutTls}";
        var rows = await bench.MeasureAsync(
        [
            new Cell(subject, "reset", Workbench.MostCallers, Goal.AheadOf(peer.DefaultShare), "bare statement", bare.RunAsync, proved.ResetAsync),
            new Cell(subject, "reset, not proved", Workbench.MostCallers, Goal.AheadOf(peer.TunedShare), "bare statement", bare.RunAsync, unproved.ResetAsync),
        ]);
        await proved.DropAllAsync(Workbench.MostCallers);
        await unproved.DropAllAsync(Workbench.MostCallers);
        return rows;
    }
}
