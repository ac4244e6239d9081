using System.CommandLine;
using System.Text.Json.Nodes;
using Keyturn.Cli.Api;
using Keyturn.Cli.Passwords;

namespace Keyturn.Cli.Commands;

/// <summary>What can be said of an instance, on registering and on changing it.</summary>
internal sealed class InstanceOptions
{
    private readonly Option<string[]> _nodes = new("--node")
    {
        Description = "Address of a node, once for each; role is primary, replica or peer",
        HelpName = "HOST:PORT[=ROLE]|mongodb://…",
    };

    private readonly Option<string?> _admin = new("--admin") { Description = "The login that Keyturn administers it with", HelpName = "USER[@HOST]" };
    private readonly Option<string?> _adminDatabase = AccountArguments.AuthDatabase("--admin-database");
    private readonly Option<string?> _mainAccount = new("--main-account") { Description = "The account that calls mean which name none", HelpName = "USER" };
    private readonly Option<string?> _tlsMode = new("--tls") { Description = "How the connection is protected [verify-full]" };
    private readonly Option<string?> _tlsCa = new("--tls-ca") { Description = "PEM file of the CA to trust for its nodes [else the system's]", HelpName = "FILE" };
    private readonly Option<string?> _tlsServerName = new("--tls-server-name") { Description = "Name in the certificate, where it is not the node's host", HelpName = "NAME" };
    private readonly Option<string?> _tlsCertificate = new("--tls-certificate") { Description = "PEM file of the certificate to present", HelpName = "FILE" };
    private readonly Option<string?> _tlsKey = new("--tls-key") { Description = "PEM file of its private key", HelpName = "FILE" };
    private readonly Option<string?> _send = new("--send") { Description = "What travels when a password is set [verifier]" };
    private readonly Option<double?> _statementLimit = new("--statement-limit") { Description = "Limit of each change on the server, in seconds [3]", HelpName = "SECONDS" };
    private readonly Option<string[]> _tags = new("--tag") { Description = "A label, once for each", HelpName = "KEY=VALUE" };
    private readonly Option<string[]> _attributes = new("--attribute")
    {
        Description = "What dialects show of it (region, size, type, owner-email, …), once for each; NAME= removes it",
        HelpName = "NAME=VALUE",
    };

    private readonly Option<string?> _status = new("--status") { Description = "Whether it may be worked on; while it is not active, no password is changed [active]" };
    private readonly Option<string?> _policy = new("--password-policy") { Description = "JSON file of what its passwords must be", HelpName = "FILE" };
    private readonly bool _allNeeded;

    /// <param name="allNeeded">On registering, nodes and admin must be given; on a change, what is not given stays.</param>
    public InstanceOptions(bool allNeeded)
    {
        _allNeeded = allNeeded;
        _nodes.Required = _admin.Required = allNeeded;
        _tlsMode.AcceptOnlyFromAmong("verify-full", "verify-ca", "require", "disable");
        _send.AcceptOnlyFromAmong("verifier", "clear");
        _status.AcceptOnlyFromAmong("active", "frozen", "abnormal", "creating", "modifying", "restarting", "restoring", "storage-full");
        AdminPassword = new PasswordInput("the admin's password");
    }

    public PasswordInput AdminPassword { get; }

    public void AddTo(Command command)
    {
        foreach (var option in new Option[]
        {
            _nodes, _admin, _adminDatabase, _mainAccount, _tlsMode, _tlsCa, _tlsServerName, _tlsCertificate, _tlsKey, _send, _statementLimit, _status,
            _tags, _attributes, _policy,
        })
        {
            command.Options.Add(option);
        }

        AdminPassword.AddTo(command);
    }

    /// <summary>The members that were given, of the API's instance object.</summary>
    public async Task<JsonObject> ReadAsync(ParseResult parse, Terminal terminal, CancellationToken cancel)
    {
        var body = new JsonObject();
        if (parse.GetValue(_nodes) is { Length: > 0 } nodes)
        {
            body["nodes"] = new JsonArray([.. nodes.Select(NodeOf)]);
        }

        body.AddIfGiven("admin", await AdminOfAsync(parse, terminal, cancel));
        body.AddIfGiven("main_account", parse.GetValue(_mainAccount));
        body.AddIfGiven("tls", await TlsOfAsync(parse, cancel));
        body.AddIfGiven("send", parse.GetValue(_send));
        body.AddIfGiven("statement_limit_seconds", parse.GetValue(_statementLimit));
        body.AddIfGiven("status", parse.GetValue(_status));
        body.AddIfGiven("tags", MembersOf(parse.GetValue(_tags)));
        body.AddIfGiven("attributes", MembersOf(parse.GetValue(_attributes), isEmptyNone: true));
        body.AddIfGiven("password_policy", parse.GetValue(_policy) is { } policy ? await InputFile.ReadJsonAsync(policy, cancel) : null);
        return body;
    }

    private async Task<JsonObject?> AdminOfAsync(ParseResult parse, Terminal terminal, CancellationToken cancel)
    {
        var admin = parse.GetValue(_admin) is { } name ? LoginOf(name) : [];
        admin.AddIfGiven("auth_database", parse.GetValue(_adminDatabase));
        var password = _allNeeded
            ? await AdminPassword.ReadOrAskAsync(parse, terminal, $"Password of {parse.GetValue(_admin)}", cancel)
            : await AdminPassword.ReadAsync(parse, terminal, cancel);
        admin.AddIfGiven("password", password?.Reveal());
        return admin.Count > 0 ? admin : null;
    }

    private async Task<JsonObject?> TlsOfAsync(ParseResult parse, CancellationToken cancel)
    {
        var tls = new JsonObject();
        tls.AddIfGiven("mode", parse.GetValue(_tlsMode));
        tls.AddIfGiven("ca", await InputFile.ReadIfNamedAsync(parse.GetValue(_tlsCa), cancel));
        tls.AddIfGiven("server_name", parse.GetValue(_tlsServerName));
        tls.AddIfGiven("client_certificate", await InputFile.ReadIfNamedAsync(parse.GetValue(_tlsCertificate), cancel));
        tls.AddIfGiven("client_key", await InputFile.ReadIfNamedAsync(parse.GetValue(_tlsKey), cancel));
        return tls.Count > 0 ? tls : null;
    }

    private static JsonObject LoginOf(string name)
    {
        var (user, host) = AccountArguments.Split(name);
        var login = new JsonObject { ["user"] = user };
        login.AddIfGiven("host", host);
        return login;
    }

    private static JsonObject NodeOf(string text)
    {
        if (text.Contains("://", StringComparison.Ordinal))
        {
            return text.Contains('@') ? throw CommandFailure.Usage("A connection string is given without user and password.") : new JsonObject { ["host"] = text };
        }

        var equals = text.LastIndexOf('=');
        var address = equals < 0 ? text : text[..equals];
        var colon = address.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(address[(colon + 1)..], out var port))
        {
            throw CommandFailure.Usage($"{text} is no node: it is to be HOST:PORT or HOST:PORT=ROLE.");
        }

        // [::1]:5432 is how addresses with colons of their own are written before a port.
        var node = new JsonObject { ["host"] = address[..colon].Trim('[', ']'), ["port"] = port };
        node.AddIfGiven("role", equals < 0 ? null : text[(equals + 1)..]);
        return node;
    }

    /// <param name="given">Names with values.</param>
    /// <param name="isEmptyNone">An empty value takes the member away; a tag may have one.</param>
    private static JsonObject? MembersOf(string[]? given, bool isEmptyNone = false)
    {
        if (given is not { Length: > 0 })
        {
            return null;
        }

        var members = new JsonObject();
        foreach (var member in given)
        {
            var equals = member.IndexOf('=', StringComparison.Ordinal);
            var name = equals > 0 ? member[..equals] : throw CommandFailure.Usage($"{member} is to be KEY=VALUE.");
            members[name] = isEmptyNone && equals + 1 == member.Length ? null : member[(equals + 1)..];
        }

        return members;
    }
}
