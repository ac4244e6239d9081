namespace Keyturn.LiveTests.WholeProgram;

/// <summary>One running program for the tests of a class.</summary>
public sealed class RunningKeyturn : IAsyncLifetime
{
    private KeyturnProcess? _process;

    public KeyturnProcess Process => _process!;

    public KeyturnApi Api => Process.Api;

    public async ValueTask InitializeAsync()
    {
        _process = await KeyturnProcess.CreateAsync();
        await _process.StartAsync();
    }

    public ValueTask DisposeAsync() => _process?.DisposeAsync() ?? ValueTask.CompletedTask;
}
