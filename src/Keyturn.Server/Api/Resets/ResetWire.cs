using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Resets;
using Keyturn.Server.Api.Accounts;

namespace Keyturn.Server.Api.Resets;

/// <summary>A reset, and with it the new password where it is done, still in force, and not to be hidden.</summary>
internal sealed record ResetAnswer(ResetWire Reset, Secret? Password)
{
    /// <summary>What became of the sessions of before, where they were to be ended; absent where nobody got to them.</summary>
    public SessionsAnswer? Sessions { get; init; }

    /// <summary>Where it was asked to wait for them: what the replicas showed when the waiting ended. The reset is done without them.</summary>
    public IReadOnlyList<ReplicaWire>? Replicas { get; init; }
}

/// <summary>Whether one replica accepts the new password.</summary>
internal sealed record ReplicaWire(string Address, bool Accepts, EngineError? Cause, string? Detail)
{
    public static ReplicaWire Of(ReplicaState replica) => new(replica.Node.Address, replica.Accepts, replica.Failure?.Error, replica.Failure?.Detail);
}

/// <summary>A reset.</summary>
internal sealed record ResetStoryAnswer(ResetWire Reset);

/// <summary>Resets, newest first.</summary>
internal sealed record ResetsAnswer(IReadOnlyList<ResetWire> Resets);

/// <summary>Where a reset stands, and how it came there.</summary>
internal sealed record ResetWire
{
    public required Guid Id { get; init; }

    public required Guid InstanceId { get; init; }

    public required string Instance { get; init; }

    public required string Account { get; init; }

    public required ResetKind Kind { get; init; }

    public required ResetState State { get; init; }

    public required ProofMode Proof { get; init; }

    public required string Operation { get; init; }

    /// <summary>The secret's version that it makes.</summary>
    public required int Version { get; init; }

    /// <summary>How long the version before was to stay valid.</summary>
    public long? KeepOldForSeconds { get; init; }

    /// <summary>When the version before is, or was, to be discarded; absent where this reset has left none valid.</summary>
    public DateTimeOffset? OldPasswordUntil { get; init; }

    public required DateTimeOffset PreparedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Until when an undecided reset is rolled forward.</summary>
    public required DateTimeOffset SettleBy { get; init; }

    public required int Attempts { get; init; }

    public EngineError? Cause { get; init; }

    public string? Detail { get; init; }

    public string? NextStep { get; init; }

    public required IReadOnlyList<ResetNodeWire> Nodes { get; init; }

    public required IReadOnlyList<ResetEventWire> Events { get; init; }

    public static ResetWire Of(ResetRecord reset, Instance instance) => new()
    {
        Id = reset.Id,
        InstanceId = reset.Account.InstanceId,
        Instance = instance.Name,
        Account = reset.Account.Name.ToString(),
        Kind = reset.Kind,
        State = reset.State,
        Proof = reset.Proof,
        Operation = reset.Operation,
        Version = reset.Version,
        KeepOldForSeconds = (long?)reset.KeepOldFor?.TotalSeconds,
        OldPasswordUntil = reset.OldKeptUntil,
        PreparedAt = reset.PreparedAt,
        EndedAt = reset.EndedAt,
        SettleBy = reset.SettleBy,
        Attempts = reset.Attempts,
        Cause = reset.Cause?.Error,
        Detail = reset.Cause?.Detail,
        NextStep = reset.Cause?.Error.NextStep(),
        Nodes = [.. reset.Nodes.Select(ResetNodeWire.Of)],
        Events = [.. reset.Events.Select(line => new ResetEventWire(line.Time, line.Phase, line.Node, line.Text))],
    };
}

/// <summary>How far one node has come.</summary>
internal sealed record ResetNodeWire(string Address, NodeStep Step, ProofMode? Proof, bool Persisted, string Session, EngineError? Cause, string? Detail)
{
    public static ResetNodeWire Of(NodeProgress node) => new(
        node.Node.Address, node.Step, node.Proof, node.Step >= NodeStep.Persisted && !node.NotPersisted, node.Session.Id, node.Failure?.Error, node.Failure?.Detail);
}

/// <summary>One line of a reset's story.</summary>
internal sealed record ResetEventWire(DateTimeOffset Time, string Phase, string? Node, string Text);
