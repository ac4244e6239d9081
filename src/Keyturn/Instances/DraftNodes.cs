using Keyturn.Engines;

namespace Keyturn.Instances;

/// <summary>Puts the nodes of a connection string in its place, where a draft has one instead of addresses.</summary>
internal static class DraftNodes
{
    /// <summary>
    /// The draft with addresses for nodes. What the string says besides must agree with the draft: it neither switches TLS off nor names another
    /// database for the admin login than the caller did.
    /// </summary>
    public static async ValueTask<(InstanceDraft Draft, Refusal? Refusal)> ResolveAsync(InstanceDraft draft, EngineCatalog engines, TimeProvider clock, CancellationToken cancel)
    {
        if (!draft.Nodes.Any(IsConnectionString))
        {
            return (draft, null);
        }

        // Not repeated in any answer: it may have a password in it.
        if (draft.Nodes.Count > 1 || !engines.TryGet(draft.Engine, out var engine) || engine is not IReadsConnectionStrings reader)
        {
            return (draft, Refuse("A node is HOST and PORT; a connection string stands alone, for an engine that has them (mongodb)."));
        }

        using var deadline = new Deadline(clock, Target.DefaultConnectLimit, cancel);
        var read = await reader.ReadAsync(draft.Nodes[0].Host, deadline.Token);
        return read.Value is { } said ? Agree(draft, said) : (draft, Refusal.Of(read.Failure!));
    }

    private static bool IsConnectionString(Node node) => node.Host.Contains("://", StringComparison.Ordinal);

    private static (InstanceDraft Draft, Refusal? Refusal) Agree(InstanceDraft draft, ConnectionTargets said)
    {
        if (said.HasTls is { } tls && tls != (draft.Tls.Mode != TlsMode.Disable))
        {
            return (draft, Refuse($"The connection string says tls={(tls ? "true" : "false")}, the instance's TLS mode is {draft.Tls.Mode}: let them agree."));
        }

        var admin = draft.Admin with { AuthDatabase = draft.Admin.AuthDatabase ?? said.AuthDatabase };
        return said.AuthDatabase is { } database && admin != draft.Admin with { AuthDatabase = database }
            ? (draft, Refuse("The connection string names another authentication database than the admin login has."))
            : (draft with { Nodes = said.Nodes, Admin = admin }, null);
    }

    private static Refusal Refuse(string sentence) => new(RefusalReason.InvalidRequest, sentence) { Violations = [new Violation("nodes", sentence)] };
}
