using Keyturn.Instances;
using Keyturn.Resets;

namespace Keyturn.Tests.Resets;

public sealed class AccountQueueTests
{
    private static readonly AccountName App = new("app");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly AccountQueue _queue = new(TimeProvider.System);
    private readonly Guid _instance = Guid.NewGuid();

    private async Task<AccountQueue.Turn?> EnterAsync(AccountName account, TimeSpan? patience = null, CancellationToken cancel = default) =>
        await _queue.EnterAsync(_instance, account, patience ?? Patience, cancel);

    [Fact]
    public async Task Enter_AnotherAccount_DoesNotWait()
    {
        using var app = await EnterAsync(App);
        using var other = await EnterAsync(new AccountName("other"), TimeSpan.Zero);

        other.ShouldNotBeNull();
    }

    [Fact]
    public async Task Enter_TwoRowsOfOneUser_AreOneAccount()
    {
        using var everywhere = await EnterAsync(App);

        (await EnterAsync(new AccountName("app", "10.0.0.1"), TimeSpan.FromMilliseconds(20))).ShouldBeNull();
    }

    [Fact]
    public async Task Enter_ManyWait_TurnsComeInOrderOfArrival()
    {
        var order = new List<int>();
        var first = await EnterAsync(App);
        var waiting = Enumerable.Range(0, 20).Select(async place =>
        {
            using var turn = await EnterAsync(App);
            order.Add(place);
        }).ToList();

        first!.Dispose();
        await Task.WhenAll(waiting);

        order.ShouldBe(Enumerable.Range(0, 20));
    }

    [Fact]
    public async Task Enter_LineIsFull_IsRefusedAtOnce()
    {
        using var first = await EnterAsync(App);
        using var leave = new CancellationTokenSource();
        var waiting = Enumerable.Range(0, AccountQueue.MaxWaiting).Select(_ => EnterAsync(App, cancel: leave.Token)).ToList();

        (await EnterAsync(App)).ShouldBeNull();

        await leave.CancelAsync();
        foreach (var waiter in waiting)
        {
            await Should.ThrowAsync<OperationCanceledException>(waiter);
        }
    }

    [Fact]
    public async Task Enter_WaiterLeaves_TheNextOneGetsTheTurn()
    {
        var first = await EnterAsync(App);
        using var leave = new CancellationTokenSource();
        var leaver = EnterAsync(App, cancel: leave.Token);
        var patient = EnterAsync(App);
        await leave.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(leaver);

        first!.Dispose();
        using var turn = await patient;

        turn.ShouldNotBeNull();
    }

    [Fact]
    public async Task Dispose_Twice_PassesTheTurnOnOnce()
    {
        var first = await EnterAsync(App);
        var second = EnterAsync(App);
        var third = EnterAsync(App, TimeSpan.FromMilliseconds(50));

        first!.Dispose();
        first.Dispose();

        using var turn = await second;
        (await third).ShouldBeNull();
    }
}
