namespace Keyturn.LiveTests.MongoDb;

/// <summary>How a stand-in behaves: as MongoDB's manual says, unless a test turns something.</summary>
public sealed class StandInKnobs
{
    /// <summary>Answers saslStart along with the greeting. FerretDB 1.24 does not.</summary>
    public bool AnswersSpeculation { get; set; } = true;

    /// <summary>Ends an exchange without an empty message where that is asked for. FerretDB 1.24 does not.</summary>
    public bool SkipsEmptyExchange { get; set; } = true;

    /// <summary>Shows verifiers. FerretDB 2.7 refuses to (code 2).</summary>
    public bool ShowsCredentials { get; set; } = true;

    /// <summary>Takes limits of changes, tells signed-in users' databases, and reads users of all databases. What stands on DocumentDB's extension does not.</summary>
    public bool IsComplete { get; set; } = true;

    /// <summary>Lists privileges with connectionStatus.</summary>
    public bool ShowsPrivileges { get; set; } = true;

    /// <summary>Has an id of its process, and numbers its connections, in its greeting. FerretDB has no such id, and gives every connection one number.</summary>
    public bool HasProcessId { get; set; } = true;

    /// <summary>Knows "hello"; older servers know "isMaster" only.</summary>
    public bool KnowsHello { get; set; } = true;

    /// <summary>Shows every connection in $currentOp. What shows none proves nothing.</summary>
    public bool ListsConnections { get; set; } = true;

    /// <summary>Shows in $currentOp who has signed in on a connection, as mongod does.</summary>
    public bool ShowsWhoseConnections { get; set; } = true;

    /// <summary>Shows everybody's connections in $currentOp; without the right to (inprog), each login sees its own only.</summary>
    public bool ShowsOthersConnections { get; set; } = true;

    /// <summary>Lists who is signed in.</summary>
    public bool ListsSignedIn { get; set; } = true;

    /// <summary>Signs as a server would that does not hold the verifier.</summary>
    public bool HasWrongSignature { get; set; }

    /// <summary>Rounds of the verifiers that it makes.</summary>
    public int Iterations { get; set; } = 4096;

    /// <summary>Methods that it makes verifiers for.</summary>
    public string[] Mechanisms { get; set; } = ["SCRAM-SHA-1", "SCRAM-SHA-256"];

    /// <summary>Name of its replica set; null for a standalone server.</summary>
    public string? SetName { get; set; }

    /// <summary>The primary's address where it is a secondary; empty where it knows none. Null: it takes writes itself.</summary>
    public string? Primary { get; set; }

    /// <summary>A router of a sharded cluster.</summary>
    public bool IsRouter { get; set; }

    /// <summary>Started without --auth.</summary>
    public bool IsAuthorizationOff { get; set; }

    /// <summary>Code of an error that changes are answered with after they were made; 0 for none.</summary>
    public int WriteConcernError { get; set; }

    /// <summary>Code of an error that changes are answered with, and not made.</summary>
    public int ChangeError { get; set; }

    /// <summary>Repeats the password that it refuses.</summary>
    public bool RepeatsPassword { get; set; }

    /// <summary>A command that is answered with a message of impossible length.</summary>
    public string? LiesAbout { get; set; }

    /// <summary>A command at which it hangs up.</summary>
    public string? HangsUpAt { get; set; }

    /// <summary>A command that is answered only when <see cref="Release"/> is.</summary>
    public string? WaitsAt { get; set; }

    public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
