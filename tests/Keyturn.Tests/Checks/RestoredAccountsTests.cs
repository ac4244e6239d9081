using Keyturn.Checks;
using Keyturn.Resets;
using Keyturn.Tests.Resets;

namespace Keyturn.Tests.Checks;

/// <summary>After a restore no read serves a password that the server refuses, and nobody's account is locked by finding out.</summary>
public sealed class RestoredAccountsTests : IAsyncLifetime
{
    private World _world = null!;

    public async ValueTask InitializeAsync() => _world = await World.CreateAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Restored_NotVerifiedYet_IsRefusedAsUnverifiedAndShownAsCandidate()
    {
        await _world.ResetAsync("Backed-up-password-1");
        await _world.RestoreAsync(await _world.BackUpAsync());

        (await RevealAsync()).ShouldBe(RefusalReason.Unverified);
        (await _world.Reader.FindAsync(_world.Caller, _world.Instance, World.App, default)).ShouldBeNull();
        (await _world.Reader.CandidatesAsync(_world.Caller, _world.Instance, World.App, default)).Versions.ShouldHaveSingleItem().Password.Reveal().ShouldBe("Backed-up-password-1");
    }

    [Fact]
    public async Task RunDue_PasswordIsStillTheServers_ServesIt()
    {
        await _world.ResetAsync("Backed-up-password-1");
        await _world.RestoreAsync(await _world.BackUpAsync());

        (await _world.Restored.RunDueAsync(default)).ShouldBe(2, "the account and the admin login");

        (await _world.ServedAsync()).ShouldBe("Backed-up-password-1");
        (await _world.Restored.RunDueAsync(default)).ShouldBe(0);
    }

    [Fact]
    public async Task RunDue_PasswordWasChangedSince_TriesOnceAndServesNothing()
    {
        await _world.ResetAsync("Backed-up-password-1");
        var backup = await _world.BackUpAsync();
        await _world.ResetAsync("Changed-since-then-1");
        await _world.RestoreAsync(backup);

        for (var pass = 0; pass < 3; pass++)
        {
            await _world.Restored.RunDueAsync(default);
            _world.Clock.Advance(RestoredAccounts.Pause);
        }

        _world.Server.RefusedLogins.ShouldBe(1);
        (await RevealAsync()).ShouldBe(RefusalReason.Unverified);

        (await _world.ResetAsync("Made-anew-password-1")).Reset!.State.ShouldBe(ResetState.Done);
        (await _world.ServedAsync()).ShouldBe("Made-anew-password-1");
    }

    [Fact]
    public async Task RunDue_ServerIsDown_IsAskedAgainAfterAPause()
    {
        await _world.ResetAsync("Backed-up-password-1");
        await _world.RestoreAsync(await _world.BackUpAsync());
        _world.Server.IsDown = true;

        await _world.Restored.RunDueAsync(default);
        (await _world.Restored.RunDueAsync(default)).ShouldBe(0);
        (await RevealAsync()).ShouldBe(RefusalReason.Unverified);

        _world.Server.IsDown = false;
        _world.Clock.Advance(RestoredAccounts.Pause);
        await _world.Restored.RunDueAsync(default);
        (await _world.ServedAsync()).ShouldBe("Backed-up-password-1");
    }

    [Fact]
    public async Task OpenResetOfTheBackup_NewerPasswordFollowed_IsNotSentAgain()
    {
        await _world.ResetAsync("Old-password-for-it-1");
        await _world.DieAtAsync(Hop.Prepared, "Open-in-the-backup-1");
        var backup = await _world.BackUpAsync();
        await _world.Reconciler.RunDueAsync(default);
        await _world.ResetAsync("Newer-password-for-it-1");
        await _world.RestoreAsync(backup);

        await _world.Reconciler.RunDueAsync(default);

        _world.Server["app"].ShouldBe("Newer-password-for-it-1");
        (await _world.LastResetAsync()).State.ShouldBe(ResetState.Parked);
        (await RevealAsync()).ShouldBe(RefusalReason.Busy);
    }

    [Fact]
    public async Task KeyOfTheBackup_Repeated_GivesNoPassword()
    {
        await _world.ResetAsync("Backed-up-password-1", key: "key");
        var backup = await _world.BackUpAsync();
        await _world.ResetAsync("Changed-since-then-1");
        await _world.RestoreAsync(backup);

        var repeated = await _world.ResetAsync("Backed-up-password-1", key: "key");

        (repeated.Reset!.State, repeated.Password).ShouldBe((ResetState.Done, null));
    }

    private async Task<RefusalReason?> RevealAsync() => (await _world.Reader.RevealAsync(_world.Caller, _world.Instance, World.App, default)).Refusal?.Reason;
}
