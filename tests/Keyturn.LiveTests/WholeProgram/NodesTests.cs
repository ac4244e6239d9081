using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Keyturn.Engines;

namespace Keyturn.LiveTests.WholeProgram;

/// <summary>Redis keeps accounts on each node: a reset is one of all of them, or of none.</summary>
public sealed class NodesTests : IClassFixture<RunningKeyturn>, IAsyncLifetime
{
    private readonly KeyturnApi _api;
    private readonly LabAccounts[] _nodes = [new(Lab.Server("redis-7")), new(Lab.Server("redis-7-node2"))];
    private readonly LabLogin _admin = new(LabAccounts.NewUser(), "Admin-1-canary");
    private readonly string _user = LabAccounts.NewUser();

    public NodesTests(RunningKeyturn keyturn) => _api = keyturn.Api;

    /// <summary>The account, and one admin login for both nodes.</summary>
    public async ValueTask InitializeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.CreateAsync(_user);
            node.Remember(_admin.User);
            foreach (var statement in OutsideStatement.CreateAdmin(node.Server.Engine, _admin))
            {
                await node.ExecuteAsync(statement);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    [Fact]
    public async Task Reset_TwoNodes_ChangesPersistsAndProvesBoth()
    {
        var instance = await RegisterAsync(_nodes[1].Server.Port);

        var reset = await _api.ResetAsync(instance, _user);

        reset.ShouldBe(HttpStatusCode.OK);
        var answered = reset.Body["reset"]!["nodes"]!.AsArray();
        answered.Select(node => node!["address"]!.ToString()).ShouldBe(_nodes.Select(node => $"{node.Server.Host}:{node.Server.Port}"));
        answered.ShouldAllBe(node => node!["step"]!.ToString() == "proved" && (bool)node["persisted"]!);
        var password = reset["password"].ShouldNotBeNull();
        foreach (var node in _nodes)
        {
            (await node.LoginAsync(_user, password)).ShouldBe(Login.Accepted);
            (await node.LoginAsync(_user, LabAccounts.OldPassword)).ShouldBe(Login.WrongPassword);
            var rule = (await File.ReadAllLinesAsync(AclFileOf(node.Server))).Single(line => line.StartsWith($"user {_user} ", StringComparison.Ordinal));
            rule.ShouldContain($"#{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(password)))}");
        }
    }

    [Fact]
    public async Task Reset_KeepOldForOnTwoNodes_BothKeepAndBothDiscard()
    {
        var instance = await RegisterAsync(_nodes[1].Server.Port);
        (await _api.AdoptAsync(instance, _user, LabAccounts.OldPassword)).ShouldBe(HttpStatusCode.OK);

        var reset = await _api.PostAsync($"{KeyturnApi.PathOf(instance, _user)}/reset", new JsonObject { ["keep_old_for_seconds"] = 3600 });

        reset.ShouldBe(HttpStatusCode.OK);
        foreach (var node in _nodes)
        {
            (await node.LoginAsync(_user, reset["password"]!)).ShouldBe(Login.Accepted);
            (await node.LoginAsync(_user, LabAccounts.OldPassword)).ShouldBe(Login.Accepted);
        }

        var discard = await _api.PostAsync($"{KeyturnApi.PathOf(instance, _user)}/discard-old", body: null);
        discard.ShouldBe(HttpStatusCode.OK);
        discard.Body["reset"]!["nodes"]!.AsArray().ShouldAllBe(node => node!["step"]!.ToString() == "proved" && (bool)node["persisted"]!);
        foreach (var node in _nodes)
        {
            (await node.LoginAsync(_user, reset["password"]!)).ShouldBe(Login.Accepted);
            (await node.LoginAsync(_user, LabAccounts.OldPassword)).ShouldBe(Login.WrongPassword);
        }
    }

    [Fact]
    public async Task Reset_OneNodeIsDown_IsRefusedAndTheOtherUnchanged()
    {
        string instance;
        await using (var way = new StallingProxy(new DnsEndPoint(_nodes[1].Server.Host, _nodes[1].Server.Port)))
        {
            instance = await RegisterAsync(way.Port);
        }

        (await _api.ResetAsync(instance, _user)).ShouldBeRefused(HttpStatusCode.FailedDependency, "unreachable");

        foreach (var node in _nodes)
        {
            (await node.LoginAsync(_user, LabAccounts.OldPassword)).ShouldBe(Login.Accepted);
        }

        (await _api.SecretAsync(instance, _user)).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Reset_ServerThatCannotWriteItsAccounts_SaysNotPersisted()
    {
        await using var accounts = new LabAccounts(Lab.Server("redis-7-volatile"));
        var user = await accounts.CreateAsync();
        var instance = await _api.RegisterAsync(accounts.Server);

        var reset = await _api.ResetAsync(instance, user);

        reset.ShouldBe(HttpStatusCode.OK);
        var node = reset.Body["reset"]!["nodes"]!.AsArray().ShouldHaveSingleItem()!;
        node["step"]!.ToString().ShouldBe("proved");
        ((bool)node["persisted"]!).ShouldBeFalse();
        reset.Body["reset"]!["events"]!.AsArray().ShouldContain(line => line!["phase"]!.ToString() == "not persisted");
        (await accounts.LoginAsync(user, reset["password"]!)).ShouldBe(Login.Accepted);
    }

    private static string AclFileOf(LabServer server) => Path.Combine(Path.GetDirectoryName(server.DataDir)!, "users.acl");

    private Task<string> RegisterAsync(int portOfTheSecond) => _api.RegisterAsync(_nodes[0].Server, new JsonObject
    {
        ["nodes"] = new JsonArray(KeyturnApi.NodeAt(_nodes[0].Server.Host, _nodes[0].Server.Port), KeyturnApi.NodeAt(_nodes[1].Server.Host, portOfTheSecond)),
        ["admin"] = KeyturnApi.Login(_admin),
    });
}
