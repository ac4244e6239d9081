namespace Keyturn.Storage.Sqlite;

/// <summary>One write in the writer's queue. Its caller learns its result, or its failure, only after the commit.</summary>
internal abstract class WriteItem(Durability durability)
{
    public Durability Durability { get; } = durability;

    /// <summary>Writes; what it throws is its own failure, and is told by <see cref="Complete"/>.</summary>
    public abstract ValueTask RunAsync(SqliteSession session);

    /// <summary>It threw, and its savepoint is rolled back.</summary>
    public abstract void Reject(Exception error);

    /// <summary>The batch is committed: tells the result, or what it was rejected for.</summary>
    public abstract void Complete();

    /// <summary>The batch is not committed: nothing of it is written.</summary>
    public abstract void Fail(StoreException error);
}

/// <inheritdoc/>
internal sealed class WriteItem<T>(Durability durability, Func<SqliteSession, ValueTask<T>> write) : WriteItem(durability)
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;
    private Exception? _rejection;

    public Task<T> Completion => _completion.Task;

    public override async ValueTask RunAsync(SqliteSession session) => _result = await write(session);

    public override void Reject(Exception error) => _rejection = error;

    public override void Complete()
    {
        if (_rejection is { } error)
        {
            _completion.SetException(error);
        }
        else
        {
            _completion.SetResult(_result!);
        }
    }

    public override void Fail(StoreException error) => _completion.SetException(error);
}
