using Keyturn.Checks;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Resets;

/// <summary>What one node shows about a password, once nothing can change it any more.</summary>
internal enum Evidence
{
    /// <summary>The stored verifier is this password's, and no other is valid.</summary>
    InForce,

    /// <summary>It is valid beside another: on some rows, or an older one was not discarded.</summary>
    PartlyInForce,

    /// <summary>A login was accepted; whether another password is valid too is not known.</summary>
    Accepted,

    /// <summary>The node refuses it.</summary>
    NotInForce,

    /// <summary>No verdict: not readable, and a login did not come to one. Decides nothing.</summary>
    Unknown,
}

/// <summary>Words for a story.</summary>
internal static class EvidenceWords
{
    public static string Sentence(this Evidence evidence) => evidence switch
    {
        Evidence.InForce => "in force, by its verifier",
        Evidence.PartlyInForce => "in force beside another",
        Evidence.Accepted => "accepted by a login",
        Evidence.NotInForce => "not in force",
        _ => "neither shown to be in force nor not",
    };
}

/// <summary>Finds out whether a password is in force: by its verifier where the admin may read it, else by a login.</summary>
internal sealed class InForce(IEngine engine, FailedLogins failed, TimeProvider clock)
{
    /// <param name="open">The nodes.</param>
    /// <param name="account">Whose.</param>
    /// <param name="password">Which.</param>
    /// <param name="expectation">What makes it the expected one; null where it may well not be in force. See <see cref="FailedLogins"/>.</param>
    /// <param name="cancel">The time for looking is over.</param>
    public async Task<IReadOnlyDictionary<Node, Evidence>> LookAsync(OpenNodes open, AccountName account, Secret password, string? expectation, CancellationToken cancel)
    {
        var found = new Dictionary<Node, Evidence>();
        foreach (var (lent, inspection) in open.Nodes)
        {
            var readback = await lent.Session.ReadBackAsync(account, password, cancel);
            found[lent.Node] = readback.Verdict switch
            {
                ReadbackVerdict.Matches => Evidence.InForce,
                ReadbackVerdict.Mixed => Evidence.PartlyInForce,
                ReadbackVerdict.Differs or ReadbackVerdict.Missing => Evidence.NotInForce,
                _ when inspection.Lockout is { TriesLeft: <= 1 } => Evidence.Unknown,
                _ => await LogInAsync(lent, new Credential(account, password), expectation, cancel),
            };
        }

        return found;
    }

    private async Task<Evidence> LogInAsync(LentSession lent, Credential tried, string? expectation, CancellationToken cancel)
    {
        if (await failed.WaitAsync(lent.Instance, lent.Node, tried.Account, expectation, cancel) > TimeSpan.Zero)
        {
            return Evidence.Unknown;
        }

        var target = Target.Of(lent.Instance, lent.Node);
        using var deadline = new Deadline(clock, target.ConnectLimit);
        var login = await engine.TryLoginAsync(target, tried, derived: null, deadline.Token);
        if (login.Login == Login.WrongPassword)
        {
            await failed.CountAsync(lent.Instance, lent.Node, tried.Account, expectation);
        }

        return login.Login switch
        {
            Login.Accepted or Login.Refused => Evidence.Accepted,
            Login.WrongPassword => Evidence.NotInForce,
            _ => Evidence.Unknown,
        };
    }
}
