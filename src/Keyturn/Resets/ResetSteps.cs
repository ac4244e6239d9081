using Keyturn.Checks;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Resets;

/// <summary>What the steps work on, the same for a first run and for recovery.</summary>
internal sealed record ResetWork(Instance Instance, Account Account, Guid ResetId, long Fence, ResetKind Kind, ProofMode Proof, Secret Password)
{
    public string? AuthPlugin { get; init; }

    public IReadOnlyList<AccountRole> Roles { get; init; } = [];

    /// <summary>The password before, where it is to stay valid; of a discard the one that is to go.</summary>
    public Secret? Old { get; init; }

    public bool KeepsOld => Kind == ResetKind.Reset && Old is not null;

    /// <summary>The password is in force already, on some of the nodes.</summary>
    public bool IsSpread { get; init; }

    /// <summary>It was begun earlier, so that a login may have been refused already.</summary>
    public bool IsRepeated { get; init; }
}

/// <summary>
/// The steps of a reset, node by node: set (older passwords discarded with it; servers that log in to each other by it follow), persist, prove. Each is idempotent, and done means all
/// of them on every node. They are the same whether a caller waits or the reconciler rolls forward.
/// </summary>
internal sealed class ResetSteps(EngineCatalog engines, IResetStore store, FailedLogins failed, HopGate hops, TimeProvider clock)
{
    /// <summary>
    /// Runs the steps on each node in turn. <paramref name="inForce"/> says on which the password was found in force by its verifier, so
    /// that it need not be set again.
    /// </summary>
    public async Task<(ResetState State, Failure? Cause)> RunAsync(
        ResetWork work, OpenNodes open, ResetStory story, Func<Node, bool> inForce)
    {
        try
        {
            return await RunEachAsync(work, open, story, inForce);
        }
        catch (Exception error)
        {
            // After prepare nothing escapes: something may have been sent, so the reset is undecided until somebody has looked.
            return (ResetState.Undecided, new Failure(EngineError.Fault, $"A fault of Keyturn's own: {error.GetType().Name}."));
        }
    }

    private async Task<(ResetState State, Failure? Cause)> RunEachAsync(
        ResetWork work, OpenNodes open, ResetStory story, Func<Node, bool> inForce)
    {
        var changed = false;
        story.OldIsKept = false;
        var links = new ServerLinks(store, clock);
        foreach (var (lent, inspection) in open.Nodes)
        {
            DerivedKeys? derived = null;
            if (!inForce(lent.Node))
            {
                var set = await SetAsync(work, open, lent, inspection, story);
                if (set.Change != Change.Applied)
                {
                    // Rolled forward, never back: once one node has changed, the others follow, by the reconciler if need be.
                    var isUnchanged = !changed && set.Change is Change.Refused or Change.NotSent;
                    return (isUnchanged ? ResetState.Failed : ResetState.Undecided, set.Failure);
                }

                derived = set.Derived;
            }

            // What had the password before the reset began is not changed by it.
            changed |= !work.IsSpread || !inForce(lent.Node);
            if ((await links.FollowAsync(work, lent, story) ?? await PersistAsync(work, lent, story)) is { } notPersisted)
            {
                return (ResetState.Undecided, notPersisted);
            }

            var (isKept, notRead) = await LookForOldAsync(work, lent, story);
            if ((notRead ?? await ProveAsync(work, lent, inspection, derived, isKept, story)) is { } failure)
            {
                return (ResetState.Undecided, failure);
            }
        }

        return await links.ProveAsync(story) is { } broken ? (ResetState.Undecided, broken) : (ResetState.Done, null);
    }

    private async Task<ChangeResult> SetAsync(ResetWork work, OpenNodes open, LentSession lent, Inspection inspection, ResetStory story)
    {
        var isMade = work.IsSpread && !inspection.Exists;
        var rights = isMade ? await RightsElsewhereAsync(work, open) : default;
        if (isMade && rights.Value is null)
        {
            return new ChangeResult(Change.NotSent, rights.Failure);
        }

        if (!await store.MaySendAsync(work.ResetId, work.Fence, lent.Instance.AnswerLimit))
        {
            return ChangeResult.Unknown(EngineError.TimedOut, "This worker's lease is over, or too short to send under.");
        }

        story.Update(lent.Node, progress => progress with { Step = NodeStep.Sent });
        var change = new PasswordChange(work.Account.Name, work.Password) { AuthPlugin = work.AuthPlugin, CreateIfMissing = isMade || work.Kind == ResetKind.Create, Roles = work.Roles, Rights = rights.Value };
        using var deadline = new Deadline(clock, lent.Instance.AnswerLimit);
        var result = await SendAsync(work, change, lent.Session, deadline.Token);
        if (result.Change == Change.Applied)
        {
            story.Advance(lent.Node, NodeStep.Set, "set", (work.Kind, isMade) switch
            {
                (ResetKind.DiscardOld, _) => $"The server lets no older password in any more.{RowsSentence(inspection)}",
                (_, true) => "The account was not there: the server has made it with the rights that another node has of it.",
                _ => $"The server has applied the new password.{RowsSentence(inspection)}",
            });
            await hops.PassAsync(Hop.Set);
        }
        else
        {
            story.Fail(lent.Node, "not set", result.Failure!);
        }

        return result;
    }

    private static ValueTask<ChangeResult> SendAsync(ResetWork work, PasswordChange change, IAdminSession session, CancellationToken cancel) => (work, session) switch
    {
        ({ Kind: ResetKind.DiscardOld }, IKeepsOldPassword keeps) => keeps.DiscardOldPasswordAsync(work.Account.Name, work.Password, work.Old, cancel),
        ({ Old: { } old }, IKeepsOldPassword keeps) => keeps.SetPasswordAsync(change, old, cancel),
        _ => session.SetPasswordAsync(change, cancel),
    };

    /// <summary>Whether the old password is valid beside the new one, as it was to be. Somebody else may have discarded it: then the new one is the only one, and that is said.</summary>
    private async Task<(bool IsKept, Failure? Failure)> LookForOldAsync(ResetWork work, LentSession lent, ResetStory story)
    {
        if (!work.KeepsOld || lent.Session is not IKeepsOldPassword keeps)
        {
            return (false, null);
        }

        using var deadline = new Deadline(clock, lent.Instance.AnswerLimit);
        var readback = await keeps.ReadBackAsync(work.Account.Name, work.Password, work.Old!, deadline.Token);
        if (readback.Verdict == ReadbackVerdict.Unreadable)
        {
            return (false, readback.Failure);
        }

        var isKept = readback.Verdict == ReadbackVerdict.Matches;
        story.OldIsKept |= isKept;
        story.Add(isKept ? "kept" : "not kept", isKept ? "The old password is valid beside the new one." : "The old password is not valid beside the new one: somebody has discarded it, or they are the same.", lent.Node);
        return (isKept, null);
    }

    /// <summary>An account is made where it is missing only like one that is there: nobody makes up rights.</summary>
    private async Task<Answer<string>> RightsElsewhereAsync(ResetWork work, OpenNodes open)
    {
        foreach (var (lent, inspection) in open.Nodes)
        {
            if (inspection.Exists && lent.Session is ICopiesAccounts model)
            {
                using var deadline = new Deadline(clock, lent.Instance.AnswerLimit);
                return await model.ReadRightsAsync(work.Account.Name, deadline.Token);
            }
        }

        return new Failure(EngineError.AccountMissing, $"No node has an account {work.Account.Name} to make another like it.");
    }

    private async Task<Failure?> PersistAsync(ResetWork work, LentSession lent, ResetStory story)
    {
        if (lent.Session is not IPersistsAccounts persists)
        {
            story.Update(lent.Node, progress => progress with { Step = NodeStep.Persisted });
            return null;
        }

        if (!await store.MaySendAsync(work.ResetId, work.Fence, lent.Instance.AnswerLimit))
        {
            return new Failure(EngineError.TimedOut, "This worker's lease is over, or too short to send under.");
        }

        using var deadline = new Deadline(clock, lent.Instance.AnswerLimit);
        var result = await persists.PersistAsync(deadline.Token);
        if (result.Failure is { Error: EngineError.NotPersisted } cannot)
        {
            story.Update(lent.Node, progress => progress with { Step = NodeStep.Persisted, NotPersisted = true });
            story.Add("not persisted", cannot.Detail, lent.Node);
        }
        else if (result.Change != Change.Applied)
        {
            story.Fail(lent.Node, "not persisted", result.Failure!);
            return result.Failure;
        }
        else
        {
            story.Advance(lent.Node, NodeStep.Persisted, "persisted", "The server has written its accounts out.");
        }

        await hops.PassAsync(Hop.Persisted);
        return null;
    }

    private async Task<Failure?> ProveAsync(ResetWork work, LentSession lent, Inspection inspection, DerivedKeys? derived, bool isOldKept, ResetStory story)
    {
        var (proof, failure) = work.Proof switch
        {
            ProofMode.None => (ProofMode.None, null),
            ProofMode.Readback => (ProofMode.Readback, await ReadBackAsync(work, lent, isOldKept)),
            _ => await ProveByLoginAsync(work, lent, inspection, derived, isOldKept, story),
        };

        // A login shows one row. The others, which may be for hosts that we are not, are proved by their verifiers.
        if (failure is null && proof == ProofMode.Login && HasSeveralRows(inspection))
        {
            failure = await ReadBackAsync(work, lent, isOldKept);
        }

        if (failure is not null)
        {
            story.Fail(lent.Node, "not proved", failure);
            return failure;
        }

        story.Update(lent.Node, progress => progress with { Proof = proof });
        story.Advance(lent.Node, NodeStep.Proved, "proved", ProofSentence(proof));
        await hops.PassAsync(Hop.Proved);
        return null;
    }

    /// <summary>By a login; or where there is none to be had, by the verifier, and then the answer says so.</summary>
    private async Task<(ProofMode Proof, Failure? Failure)> ProveByLoginAsync(
        ResetWork work, LentSession lent, Inspection inspection, DerivedKeys? derived, bool isOldKept, ResetStory story)
    {
        // Nobody logs in from here by a row for other hosts, or past a narrower one: a try would be a failed login of that one's.
        if (inspection.IsForOtherHosts)
        {
            return (ProofMode.Readback, await ReadBackAsync(work, lent, isOldKept));
        }

        var login = await LogInAsync(work, lent, derived, story);
        if (login.Failure is not { } failure)
        {
            return (ProofMode.Login, null);
        }

        // The password is right, and the row that we come in by is locked, or at its limit: it is one that cannot be logged into, like those of other hosts.
        if (login.Login == Login.Refused && HasSeveralRows(inspection))
        {
            return await ReadBackAsync(work, lent, isOldKept) is null ? (ProofMode.Readback, null) : (ProofMode.Login, failure);
        }

        return await IsShadowedAsync(work, lent, failure)
            ? (ProofMode.Readback, await ReadBackAsync(work, lent, isOldKept))
            : (ProofMode.Login, failure);
    }

    private static bool HasSeveralRows(Inspection inspection) => inspection.Rows.Count(row => row.ByPassword) > 1;

    /// <summary>Whether the server may have tried the login on another row of the user: one that is for us, where this one's host is a pattern.</summary>
    private async Task<bool> IsShadowedAsync(ResetWork work, LentSession lent, Failure failure)
    {
        if (work.Account.Name.Host is not { } host || !host.AsSpan().ContainsAny('%', '_', '/')
            || failure.Error is not (EngineError.WrongPassword or EngineError.LoginNotPermitted))
        {
            return false;
        }

        using var deadline = new Deadline(clock, lent.Instance.AnswerLimit);
        var all = await lent.Session.InspectAsync(work.Account.Name with { Host = null }, deadline.Token);
        return all.Value is { } user && user.Rows.Any(row => !row.IsForOtherHost && !host.Equals(row.Name.Host, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The login; without a failure it is the proof.</summary>
    private async Task<LoginResult> LogInAsync(ResetWork work, LentSession lent, DerivedKeys? derived, ResetStory story)
    {
        var expectation = work.ResetId.ToString();
        if (work.IsRepeated && await failed.WaitAsync(lent.Instance, lent.Node, work.Account.Name, expectation, CancellationToken.None) is { Ticks: > 0 } wait)
        {
            return new LoginResult(Login.NoVerdict, FailedLogins.HeldBack(EngineError.WrongPassword, "The new password", wait));
        }

        var target = Target.Of(lent.Instance, lent.Node);
        using var deadline = new Deadline(clock, target.ConnectLimit);
        var login = await engines[lent.Instance.Engine].TryLoginAsync(target, new Credential(work.Account.Name, work.Password), derived, deadline.Token);
        if (login.Login == Login.WrongPassword)
        {
            await failed.CountAsync(lent.Instance, lent.Node, work.Account.Name, expectation);
        }

        if (login is { Login: Login.Accepted, Row: { } row } && work.Account.Name.Host is { } host
            && !host.Equals(row.Host, StringComparison.OrdinalIgnoreCase))
        {
            return new LoginResult(Login.NoVerdict, new Failure(EngineError.LoginNotPermitted, $"From here the server lets the user in as {row}, which proves nothing about {work.Account.Name}."));
        }

        story.Update(lent.Node, progress => progress with { ProvedBy = login.Session });
        return login.Login == Login.Accepted || login.Failure is not null
            ? login
            : login with { Failure = new Failure(EngineError.PasswordNotAsked, "The server let the account in without asking for the password.") };
    }

    private async Task<Failure?> ReadBackAsync(ResetWork work, LentSession lent, bool isOldKept)
    {
        // That the two are valid and no other has just been read back.
        if (isOldKept)
        {
            return null;
        }

        using var deadline = new Deadline(clock, lent.Instance.AnswerLimit);
        var readback = await lent.Session.ReadBackAsync(work.Account.Name, work.Password, deadline.Token);
        return readback.Verdict == ReadbackVerdict.Matches
            ? null
            : readback.Failure ?? new Failure(EngineError.ServerError, $"The server's stored verifier was read back: {readback.Verdict}.");
    }

    /// <summary>Which rows a user of MySQL or MariaDB has, where it is more than one, or one is left as it was.</summary>
    private static string RowsSentence(Inspection inspection)
    {
        var changed = inspection.Rows.Where(row => row.ByPassword).Select(row => row.Name.ToString()).ToList();
        var left = inspection.Rows.Where(row => !row.ByPassword).Select(row => $"{row.Name} ({row.Method})").ToList();
        return (changed.Count > 1 ? $" Rows: {string.Join(", ", changed)}." : "") + (left.Count > 0 ? $" Left as they are: {string.Join(", ", left)}." : "");
    }

    private static string ProofSentence(ProofMode proof) => proof switch
    {
        ProofMode.None => "Not proved, as asked.",
        ProofMode.Readback => "The stored verifier is that of the password.",
        _ => "Keyturn logged in as the account with the new password.",
    };
}
