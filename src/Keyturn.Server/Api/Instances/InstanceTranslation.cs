using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Server.Api.Instances;

/// <summary>Between an instance's wire form and the domain's. What is absent becomes what the domain's rules refuse, or its default.</summary>
internal static class InstanceTranslation
{
    public static InstanceDraft Draft(this InstanceBody body) => new()
    {
        Name = body.Name ?? "",
        Engine = body.Engine ?? "",
        Nodes = [.. (body.Nodes ?? []).Select(node => new Node(node?.Host ?? "", node?.Port ?? 0, node?.Role ?? NodeRole.Primary))],
        Tls = Settings(body.Tls ?? new TlsWire()),
        Admin = new AccountName(body.Admin?.User ?? "", body.Admin?.Host, body.Admin?.AuthDatabase),
        AdminPassword = body.Admin?.Password,
        MainAccount = body.MainAccount is { } user ? new AccountName(user) : null,
        Send = body.Send ?? SendMode.Verifier,
        Status = body.Status ?? InstanceStatus.Active,
        PasswordPolicy = Policy(body.PasswordPolicy ?? new PolicyWire()),
        StatementLimit = body.StatementLimitSeconds is { } seconds ? Limit(seconds) : Instance.DefaultStatementLimit,
        Tags = Texts(body.Tags),
        Attributes = Texts(body.Attributes),
        IsClone = body.IsClone ?? false,
        Discover = body.Discover ?? false,
    };

    /// <summary>What a caller would send to register the instance as it is, but for the admin password: what a change is merged into.</summary>
    public static InstanceBody Body(this Instance instance) => new()
    {
        Name = instance.Name,
        Engine = instance.Engine,
        Nodes = Nodes(instance),
        Tls = Tls(instance.Tls) with { ClientKey = instance.Tls.ClientKeyPem },
        Admin = Login(instance.Admin),
        MainAccount = instance.MainAccount?.User,
        Send = instance.Send,
        Status = instance.Status,
        PasswordPolicy = Policy(instance.PasswordPolicy),
        StatementLimitSeconds = instance.StatementLimit.TotalSeconds,
        Tags = instance.Tags!,
        Attributes = instance.Attributes!,
        IsClone = instance.IsClone,
    };

    public static InstanceAnswer Answer(this RegisterOutcome outcome) =>
        outcome.Instance!.Answer() with { Warnings = outcome.Warnings is { Count: > 0 } warnings ? warnings : null };

    public static InstanceAnswer Answer(this Instance instance) => new()
    {
        Id = instance.Id,
        Name = instance.Name,
        Engine = instance.Engine,
        Nodes = Nodes(instance),
        Tls = Tls(instance.Tls),
        Admin = Login(instance.Admin),
        MainAccount = instance.MainAccount?.User,
        Send = instance.Send,
        Status = instance.Status,
        PasswordPolicy = Policy(instance.PasswordPolicy),
        StatementLimitSeconds = instance.StatementLimit.TotalSeconds,
        Tags = instance.Tags,
        Attributes = instance.Attributes,
        ServerVersion = instance.ServerVersion,
        ServerIdentity = instance.ServerIdentity,
        IsClone = instance.IsClone,
        CreatedAt = instance.CreatedAt,
        Revision = instance.Revision,
        Joining = instance.Joining.Count > 0 ? instance.Joining : null,
    };

    private static Dictionary<string, string> Texts(IReadOnlyDictionary<string, string?>? members) =>
        (members ?? new Dictionary<string, string?>()).ToDictionary(member => member.Key, member => member.Value ?? "");

    private static IReadOnlyList<NodeWire> Nodes(Instance instance) => [.. instance.Nodes.Select(node => new NodeWire(node.Host, node.Port, node.Role))];

    private static LoginWire Login(AccountName name) => new(name.User, name.Host, name.AuthDatabase, Password: null);

    private static TlsWire Tls(TlsSettings tls) =>
        new() { Mode = tls.Mode, Ca = tls.CaPem, ServerName = tls.ServerName, ClientCertificate = tls.ClientCertificatePem };

    private static TlsSettings Settings(TlsWire tls) => new()
    {
        Mode = tls.Mode,
        CaPem = tls.Ca,
        ServerName = tls.ServerName,
        ClientCertificatePem = tls.ClientCertificate,
        ClientKeyPem = tls.ClientKey,
    };

    private static PasswordPolicy Policy(PolicyWire policy) => new()
    {
        MinLength = policy.MinLength,
        MaxLength = policy.MaxLength,
        MinClasses = policy.MinClasses,
        Specials = policy.Specials,
        OnlyAllowedSpecials = policy.OnlyAllowedSpecials,
        RefuseName = policy.RefuseName,
        RefuseWeak = policy.RefuseWeak,
        GeneratedLength = policy.GeneratedLength,
    };

    private static PolicyWire Policy(PasswordPolicy policy) => new()
    {
        MinLength = policy.MinLength,
        MaxLength = policy.MaxLength,
        MinClasses = policy.MinClasses,
        Specials = policy.Specials,
        OnlyAllowedSpecials = policy.OnlyAllowedSpecials,
        RefuseName = policy.RefuseName,
        RefuseWeak = policy.RefuseWeak,
        GeneratedLength = policy.GeneratedLength,
    };

    /// <summary>Out of all bounds is as good as out of the domain's, and does not overflow.</summary>
    private static TimeSpan Limit(double seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, -1, 86_400));
}
