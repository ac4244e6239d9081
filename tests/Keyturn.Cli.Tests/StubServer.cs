using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Keyturn.Cli.Tests;

/// <summary>A request as it came over the wire.</summary>
internal sealed record ReceivedRequest(string Method, string Target, IHeaderDictionary Headers, string Body)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;
}

/// <summary>Answers every request alike and remembers it: the commands are tested against real HTTP, without databases.</summary>
internal sealed class StubServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ReceivedRequest> _requests = new();

    private StubServer(WebApplication app) => _app = app;

    public string Url => _app.Urls.First();

    public IReadOnlyList<ReceivedRequest> Requests => [.. _requests];

    public static Task<StubServer> AnsweringAsync(object body, int status = 200) => StartAsync(async context =>
    {
        context.Response.StatusCode = status;
        await context.Response.WriteAsJsonAsync(body);
    });

    /// <summary>Takes the request and ends the connection.</summary>
    public static Task<StubServer> HangingUpAsync() => StartAsync(context =>
    {
        context.Abort();
        return Task.CompletedTask;
    });

    public static async Task<StubServer> StartAsync(RequestDelegate answer, X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null)
            {
                listen.UseHttps(certificate);
            }
        }));
        var app = builder.Build();
        var server = new StubServer(app);
        app.Run(async context =>
        {
            server._requests.Enqueue(await ReceiveAsync(context));
            await answer(context);
        });
        await app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task<ReceivedRequest> ReceiveAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        // Kestrel uses the collection again for the next request.
        var headers = new HeaderDictionary(context.Request.Headers.ToDictionary());
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        return new ReceivedRequest(context.Request.Method, target, headers, await reader.ReadToEndAsync());
    }
}
