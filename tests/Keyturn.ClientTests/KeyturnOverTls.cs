using System.Net;
using System.Text.Json.Nodes;

namespace Keyturn.ClientTests;

/// <summary>The running program, over HTTPS as clients demand it, for the tests of a class.</summary>
public sealed class KeyturnOverTls : IAsyncLifetime
{
    private KeyturnProcess? _process;

    public KeyturnProcess Process => _process!;

    public KeyturnApi Api => Process.Api;

    public async ValueTask InitializeAsync()
    {
        _process = await KeyturnProcess.CreateAsync();
        await _process.StartAsync(listen: "https://127.0.0.1:0");
    }

    public ValueTask DisposeAsync() => _process?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>Registers a server of the lab, and returns the instance's id.</summary>
    public async Task<string> RegisterAsync(LabServer server, JsonObject? changes = null)
    {
        var answer = await Api.TryRegisterAsync(server, changes);
        answer.ShouldBe(HttpStatusCode.Created);
        return answer["id"]!;
    }
}
