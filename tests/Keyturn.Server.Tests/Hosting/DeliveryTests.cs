using Keyturn.Resets;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http;

namespace Keyturn.Server.Tests.Hosting;

/// <summary>An answer leaves, or it does not, and the store knows which.</summary>
public sealed class DeliveryTests : IAsyncLifetime
{
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        await _server.RegisterAsync("postgresql", "pg");
        _server.Postgres.Passwords["app"] = "before";
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Invoke_CallerHasHungUp_TheSameRequestGetsTheSameOutcome()
    {
        var reset = await ResetAsync();
        var hungUp = new DefaultHttpContext { RequestAborted = new CancellationToken(canceled: true) };

        await AnswerAsync(hungUp, reset);

        (await ResetAsync()).Id.ShouldBe(reset.Id);
    }

    [Fact]
    public async Task Invoke_AnswerLeaves_TheSameRequestIsANewOne()
    {
        var reset = await ResetAsync();

        await AnswerAsync(new DefaultHttpContext(), reset);

        (await ResetAsync()).Id.ShouldNotBe(reset.Id);
    }

    private Task AnswerAsync(HttpContext http, ResetRecord reset)
    {
        var delivery = new Delivery(
            answering =>
            {
                answering.AnswerWith(reset);
                return Task.CompletedTask;
            },
            _server.Store.Resets);
        return delivery.InvokeAsync(http);
    }

    private async Task<ResetRecord> ResetAsync()
    {
        using var response = await _server.Client.PostAsync("/api/v1/instances/pg/accounts/app/reset", content: null);
        var id = Guid.Parse(response.Headers.GetValues("Keyturn-Reset-Id").Single());
        return (await _server.Store.Resets.FindAsync(id, CancellationToken.None))!;
    }
}
