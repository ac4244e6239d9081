using System.Security.Cryptography;
using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Storage;
using Keyturn.Storage.Sealing;

namespace Keyturn.Bench;

/// <summary>
/// A running Keyturn with many accounts. Some are real, made through the API, and are reset; the others are in the store only, and are read. They
/// are adopted by the store's own code, the path that a real adoption takes, so that rows, indexes, sealing and audit are those of real ones.
/// </summary>
internal sealed class FilledStore(KeyturnProcess keyturn, Product product, int accounts) : IAsyncDisposable
{
    private const string Instance = "filled";
    private const string Server = "redis-7";
    private const int RealAccounts = 100;

    /// <summary>More than the store's largest batch.</summary>
    private const int AtOnce = 1024;

    private static readonly VersionsSeen Unseen = new(Newest: 0, Current: null);

    public static async Task<FilledStore> CreateAsync(Workbench bench, string name, int accounts)
    {
        var store = await bench.NewStoreAsync(name);
        Guid instanceId;
        await using (var first = await KeyturnProcess.StartAsync(store))
        {
            await Product.RegisterAsync(first.Http, Instance, bench.Lab.Servers[Server], bench.CaPem);
            instanceId = await Product.InstanceIdAsync(first.Http, Instance);
        }

        await AdoptAsync(store, instanceId, accounts - RealAccounts);
        var keyturn = await KeyturnProcess.StartAsync(store);
        var product = new Product(keyturn.Http, Instance, instanceId.ToString("N"));
        await product.CreateAllAsync(RealAccounts);
        return new FilledStore(keyturn, product, accounts - RealAccounts);
    }

    /// <summary>Any of all accounts, so that no page of the store is warmer than another.</summary>
    public Task RevealAsync() => Product.RevealAsync(keyturn.Http, Instance, User(RandomNumberGenerator.GetInt32(accounts)));

    public Task ResetAsync() => product.ResetAsync(RandomNumberGenerator.GetInt32(RealAccounts));

    /// <summary>The real accounts stay on their server: each store has names of its own.</summary>
    public ValueTask DisposeAsync() => keyturn.DisposeAsync();

    private static async Task AdoptAsync(KeyturnStore files, Guid instanceId, int count)
    {
        var clock = TimeProvider.System;
        var masterKeys = await MasterKeyFile.ReadAsync(files.MasterKeyPath, CancellationToken.None);
        await using var store = await Store.OpenAsync(files.StorePath, masterKeys, clock);
        var instance = await store.Instances.FindAnyAsync(instanceId, CancellationToken.None);
        var caller = Caller.Keyturn(instance!.ProjectId);
        foreach (var numbers in Enumerable.Range(0, count).Chunk(AtOnce))
        {
            await Task.WhenAll(numbers.Select(async number =>
            {
                var now = clock.GetUtcNow();
                var account = new Account(Guid.CreateVersion7(now), instanceId, new AccountName(User(number)), ProofMode.Login, now);
                var audit = new AuditEntry { Caller = caller, Action = "account.adopt", Outcome = "done", InstanceId = instanceId, Account = User(number) };
                await store.Secrets.AdoptAsync(account, PasswordGenerator.Generate(PasswordPolicy.Default), Unseen, audit, CancellationToken.None);
            }));
        }
    }

    private static string User(int number) => $"stored_{number}";
}
