using Keyturn.Engines;
using Keyturn.Instances;

namespace Keyturn.Resets;

/// <summary>
/// An admin session to every node that a change of an account concerns: all of them, or none. A change sends on these and on no other.
/// </summary>
internal sealed class OpenNodes : IAsyncDisposable
{
    private readonly List<LentSession> _spares = [];

    private OpenNodes(IReadOnlyList<InspectedSession> nodes) => Nodes = nodes;

    /// <summary>In the order of the registration.</summary>
    public IReadOnlyList<InspectedSession> Nodes { get; }

    /// <summary>
    /// Opens all that such a change concerns, and reads the account on each. With one failure, all are given back. An old password is discarded where
    /// a reset has left it valid: a node that joins is given the present one alone, after that.
    /// </summary>
    public static ValueTask<Answer<OpenNodes>> OpenAsync(
        AdminSessions sessions, EngineTraits traits, Instance instance, AccountName account, ResetKind kind, CancellationToken cancel) => OpenAsync(
        sessions, instance, [.. instance.NodesToChange(traits).Where(node => kind != ResetKind.DiscardOld || !instance.IsJoining(node))], account, cancel);

    /// <summary>Opens all that any change of the account concerns.</summary>
    public static ValueTask<Answer<OpenNodes>> OpenAsync(AdminSessions sessions, EngineTraits traits, Instance instance, AccountName account, CancellationToken cancel) =>
        OpenAsync(sessions, instance, instance.NodesToChange(traits), account, cancel);

    private static async ValueTask<Answer<OpenNodes>> OpenAsync(
        AdminSessions sessions, Instance instance, IReadOnlyList<Node> nodes, AccountName account, CancellationToken cancel)
    {
        var opened = new List<InspectedSession>();
        var isComplete = false;
        try
        {
            foreach (var node in nodes)
            {
                var answer = await sessions.LendInspectedAsync(instance, node, account, cancel);
                if (answer.Failure is { } failure)
                {
                    return instance.At(node, failure);
                }

                opened.Add(answer.Value!);
            }

            isComplete = true;
            return Answer.Of(new OpenNodes(opened));
        }
        finally
        {
            // Also where the caller hung up in the middle, or the store could not be read.
            await Task.WhenAll(isComplete ? [] : opened.Select(open => open.Lent.DisposeAsync().AsTask()));
        }
    }

    /// <summary>
    /// Before the admin login's own password is changed, a second session of it is opened and kept: should the change go wrong, there is
    /// one left to mend it with.
    /// </summary>
    public async ValueTask<Failure?> KeepSparesAsync(AdminSessions sessions, CancellationToken cancel)
    {
        foreach (var open in Nodes)
        {
            var spare = await sessions.LendNewAsync(open.Lent.Instance, open.Lent.Node, cancel);
            if (spare.Failure is { } failure)
            {
                return open.Lent.Instance.At(open.Lent.Node, failure);
            }

            _spares.Add(spare.Value!);
        }

        return null;
    }

    /// <summary>What prepare stores of each node.</summary>
    public IReadOnlyList<NodeProgress> Progress() => [.. Nodes.Select(open => new NodeProgress(open.Lent.Node, open.Lent.Session.Session))];

    /// <summary>None of the sessions is to be used again.</summary>
    public void Discard()
    {
        foreach (var open in Nodes)
        {
            open.Lent.Discard();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var lent in Nodes.Select(open => open.Lent).Concat(_spares))
        {
            await lent.DisposeAsync();
        }
    }
}
