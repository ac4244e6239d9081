using Keyturn.Engines.Tls;
using Keyturn.Wire;
using Keyturn.Wire.MySql;

namespace Keyturn.Engines.MySql;

/// <summary>A logged-in connection whose breaking is an outcome, remembered.</summary>
internal sealed class AdminConnection(MySqlConnection connection, TimeProvider clock) : IAsyncDisposable
{
    private static readonly TimeSpan GoodbyeLimit = TimeSpan.FromSeconds(1);

    /// <summary>False once it is broken, or the end of a statement on it is unknown.</summary>
    public bool IsUsable { get; private set; } = true;

    /// <summary>What the last answer said about the session.</summary>
    public StatusFlags Status => connection.Status;

    /// <summary>Whether the wire is encrypted.</summary>
    public bool IsEncrypted => connection.Transport.IsEncrypted;

    /// <summary>
    /// The server's answer, an error of the statement included; a failure where there is none. A statement that has not left leaves the
    /// connection usable.
    /// </summary>
    public async ValueTask<Answer<QueryResult>> QueryAsync(string statement, QueryLimits limits, CancellationToken cancel)
    {
        if (WhyNotSent(cancel) is { } failure)
        {
            return failure;
        }

        try
        {
            var result = await connection.QueryAsync(statement, limits, cancel);
            if (result.Error is not { } error || !StatementOutcome.EndsSession(error))
            {
                return Answer.Of(result);
            }

            IsUsable = false;
            return new Failure(EngineError.ConnectionLost, $"{error.Code}: {error.Message}");
        }
        catch (WireException error)
        {
            IsUsable = false;
            return error.ToFailure();
        }
    }

    /// <summary>Why a statement would not be sent now; null when it would.</summary>
    public Failure? WhyNotSent(CancellationToken cancel) => (IsUsable, cancel.IsCancellationRequested) switch
    {
        (false, _) => new Failure(EngineError.ConnectionLost, "The connection broke earlier."),
        (_, true) => new Failure(EngineError.TimedOut, "The deadline had passed before anything was sent."),
        _ => null,
    };

    /// <summary>Nobody can say what was done on it: not to be used again.</summary>
    public void GiveUp() => IsUsable = false;

    public async ValueTask DisposeAsync()
    {
        if (IsUsable)
        {
            using var limit = new CancellationTokenSource(GoodbyeLimit, clock);
            await connection.SayGoodbyeAsync(limit.Token);
        }

        IsUsable = false;
        await connection.DisposeAsync();
    }
}
