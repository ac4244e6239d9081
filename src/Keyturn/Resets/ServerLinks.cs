using Keyturn.Engines;

namespace Keyturn.Resets;

/// <summary>
/// Servers that log in to each other as the account that is reset: each gets the new password with its turn, and in the end their links are up.
/// Between the first node and the last a link that breaks stays down; whoever carries the reset on brings it back.
/// </summary>
internal sealed class ServerLinks(IResetStore store, TimeProvider clock)
{
    /// <summary>A replica tries once a second, and may have to copy a part of the data before its link counts as up.</summary>
    private static readonly TimeSpan LinkLimit = TimeSpan.FromSeconds(10);

    private readonly List<(LentSession Lent, IFollowsAccount Server, bool WasUp)> _following = [];

    public async Task<Failure?> FollowAsync(ResetWork work, LentSession lent, ResetStory story)
    {
        if (lent.Session is not IFollowsAccount server || !server.MayFollow(work.Account.Name))
        {
            return null;
        }

        if (!await store.MaySendAsync(work.ResetId, work.Fence, lent.Instance.AnswerLimit))
        {
            return new Failure(EngineError.TimedOut, "This worker's lease is over, or too short to send under.");
        }

        using var deadline = new Deadline(clock, lent.Instance.AnswerLimit);
        var followed = await server.FollowAsync(work.Account.Name, work.Password, deadline.Token);
        if (followed is { Follows: true, Failure: { } failure })
        {
            story.Fail(lent.Node, "not followed", failure);
            return failure;
        }

        if (followed.Follows)
        {
            _following.Add((lent, server, followed.WasUp));
            story.Add("followed", "The server logs in to its primary with the new password from now on.", lent.Node);
        }

        return null;
    }

    /// <summary>
    /// Once all nodes have the password. A link that was up and does not come back leaves the reset open, so that recovery looks again; one that was
    /// down before is told and holds nothing up: what it waits for may be another thing.
    /// </summary>
    public async Task<Failure?> ProveAsync(ResetStory story)
    {
        Failure? broken = null;
        using var deadline = new Deadline(clock, LinkLimit);
        foreach (var (lent, server, wasUp) in _following)
        {
            if (await server.AwaitLinkAsync(deadline.Token) is { } down)
            {
                story.Fail(lent.Node, "link down", down);
                broken ??= wasUp ? lent.Instance.At(lent.Node, down) : null;
            }
            else
            {
                story.Add("link up", "The server's link to its primary is up, or it has none.", lent.Node);
            }
        }

        return broken;
    }
}
