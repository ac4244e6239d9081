namespace Keyturn.Bench;

/// <summary>
/// What HashiCorp Vault 1.8's static roles did in an earlier run on a machine of this kind, at 32 callers, with durable storage and without
/// TLS: rotations in a second as it comes, and with the roles of one server spread over eight connections. It proves nothing.
/// </summary>
internal sealed record Peer(string Server, double Default, double Tuned)
{
    public static readonly IReadOnlyList<Peer> All = [new("postgresql-15", 187, 405), new("mariadb-10.11", 655, 1617)];
}

/// <summary>Resets without TLS, as the peer's were: with the proof that it has not, and without.</summary>
internal static class PeerRows
{
    public const string WithoutTls = " without TLS";

    public static async Task<IReadOnlyList<Row>> MeasureAsync(Workbench bench, KeyturnProcess keyturn, Peer peer)
    {
        var server = bench.Lab.Servers[peer.Server];
        var instance = $"{peer.Server}-plain";
        await using var floor = await bench.OpenFloorAsync(server, caPem: null);
        await Product.RegisterAsync(keyturn.Http, instance, server, caPem: null);
        var (proved, unproved) = (new Product(keyturn.Http, instance, "proved"), new Product(keyturn.Http, instance, "unproved", "none"));
        await proved.CreateAllAsync(Workbench.MostCallers);
        await unproved.CreateAllAsync(Workbench.MostCallers);
        var subject = $"{peer.Server} ({server.Version}){WithoutTls}";
        var rows = await bench.MeasureAsync(
        [
            new Cell(subject, "reset", Workbench.MostCallers, Goal.MoreThan(peer.Default), "change", floor.ChangeAsync, proved.ResetAsync),
            new Cell(subject, "reset, not proved", Workbench.MostCallers, Goal.MoreThan(peer.Tuned), "change", floor.ChangeAsync, unproved.ResetAsync),
        ]);
        await proved.DropAllAsync(Workbench.MostCallers);
        await unproved.DropAllAsync(Workbench.MostCallers);
        return rows;
    }
}
