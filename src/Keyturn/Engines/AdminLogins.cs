using Keyturn.Checks;
using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Engines;

/// <summary>Logs in as the admin: with which passwords, and how often those that are refused.</summary>
internal sealed class AdminLogins(EngineCatalog engines, IInstanceStore instances, ISecretStore secrets, FailedLogins failed, TimeProvider clock)
{
    /// <summary>Few: each is a login that may be refused, and servers count those.</summary>
    private const int MostReplaced = 2;

    /// <summary>Opens a session. Passwords that were all refused are not tried again within a minute: a registration or a password that was given anew is.</summary>
    public async ValueTask<Answer<IAdminSession>> ConnectAsync(Instance instance, Node node, NodePool pool, CancellationToken cancel)
    {
        var versions = await VersionsAsync(instance, cancel);
        if (versions.Count == 0)
        {
            return new Failure(EngineError.AdminLoginRefused, $"Keyturn holds no password of the admin login {instance.Admin}.");
        }

        var passwords = $"admin, registration {instance.Revision}, versions {string.Join(' ', versions.Select(version => version.Version))}";
        bool isTrial;
        try
        {
            (isTrial, var ofAnother) = await pool.Trials.BeginAsync(passwords, cancel);
            if (ofAnother is not null)
            {
                return ofAnother;
            }
        }
        catch (OperationCanceledException)
        {
            return new Failure(EngineError.TimedOut, $"{node} has not answered another login as {instance.Admin} in time.");
        }

        Answer<IAdminSession> answer = default;
        try
        {
            return answer = await TryAsync(instance, node, versions, passwords, pool.Trials, cancel);
        }
        finally
        {
            if (isTrial)
            {
                // One who has hung up knows nothing of the server.
                pool.Trials.End(cancel.IsCancellationRequested ? null : answer.Failure);
            }
        }
    }

    /// <summary>
    /// Tries them in turn, the one that was accepted last before all others: while the admin login's own reset is undecided the pending one is refused, once, until it
    /// is sent again.
    /// </summary>
    private async ValueTask<Answer<IAdminSession>> TryAsync(
        Instance instance, Node node, IReadOnlyList<StoredSecret> versions, string passwords, AdminTrials trials, CancellationToken cancel)
    {
        // By what all nodes of Keyturn have written down; and by what this one remembers, should the store take no writes.
        var wait = await failed.WaitAsync(instance, node, instance.Admin, passwords, cancel);
        wait = wait > TimeSpan.Zero ? wait : trials.Wait(passwords);
        if (wait > TimeSpan.Zero)
        {
            return FailedLogins.HeldBack(EngineError.AdminLoginRefused, $"The admin login {instance.Admin}", wait);
        }

        var target = Target.Of(instance, node);
        Answer<IAdminSession> connected = default;
        foreach (var version in versions.OrderBy(version => version.Version != trials.Accepted))
        {
            using var deadline = new Deadline(clock, target.ConnectLimit, cancel);
            connected = await engines[instance.Engine].ConnectAsync(target, new Credential(instance.Admin, version.Password), deadline.Token);
            if (connected.Failure?.Error != EngineError.AdminLoginRefused)
            {
                if (connected.Value is not null)
                {
                    trials.Accepted = version.Version;
                }

                return connected;
            }
        }

        trials.WereRefused(passwords);
        await failed.CountAsync(instance, node, instance.Admin, passwords);
        return connected;
    }

    /// <summary>
    /// While the admin login itself is being reset, pending comes before current: it is the likelier one. After them come the newest that never
    /// became current: one may be in force, of a parked reset that the open one has replaced, and without it Keyturn would have shut itself out.
    /// </summary>
    private async ValueTask<IReadOnlyList<StoredSecret>> VersionsAsync(Instance instance, CancellationToken cancel)
    {
        var admin = await instances.FindAccountAsync(instance.Id, instance.Admin, cancel);
        if (admin is null)
        {
            return [];
        }

        var versions = await secrets.ReadAsync(admin.Id, limit: 1 + MostReplaced, cancel);
        var replaced = versions.Versions.Where(version => version.State == SecretState.Failed && !(version.Version < versions.Current?.Version));
        return [.. versions.Candidates.Concat(replaced.Take(MostReplaced))];
    }
}
