using Keyturn.Passwords;

namespace Keyturn.Simulation;

/// <summary>Somebody's request to one process, and what its caller may believe.</summary>
internal sealed class ClientCall(string name, KeyturnNode node, string user, TimeSpan begun)
{
    public string Name => name;

    public KeyturnNode Node => node;

    public string User => user;

    public TimeSpan Begun => begun;

    public Secret? Password { get; init; }

    public string? Key { get; init; }

    public TimeSpan? KeepOldFor { get; init; }

    public CancellationTokenSource HangsUp { get; } = new();

    /// <summary>The resets that it made the store prepare.</summary>
    public List<Guid> Prepared { get; } = [];

    /// <summary>Its process is through with it, or dead.</summary>
    public bool IsOver { get; set; }

    /// <summary>What the run must have come to, for the calls at the end of a history.</summary>
    public bool MustSucceed { get; init; }
}
