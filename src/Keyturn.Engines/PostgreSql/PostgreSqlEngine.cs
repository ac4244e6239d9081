using System.Text;
using Keyturn.Engines.Tls;
using Keyturn.Instances;
using Keyturn.Wire;
using Keyturn.Wire.PostgreSql;

namespace Keyturn.Engines.PostgreSql;

/// <summary>PostgreSQL. Admin statements go through Npgsql; logins are our own bare handshake.</summary>
/// <param name="clock">For the limits of connecting and the delays between attempts.</param>
public sealed class PostgreSqlEngine(TimeProvider clock) : IEngine
{
    /// <summary>NAMEDATALEN - 1; the server cuts longer names off without a word.</summary>
    internal const int LongestName = 63;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <inheritdoc/>
    public string Name => "postgresql";

    /// <inheritdoc/>
    public EngineTraits Traits => EngineTraits.PrimaryMoves;

    /// <inheritdoc/>
    public Failure? Validate(AccountName account) => account switch
    {
        { Host: not null } or { AuthDatabase: not null } => new Failure(EngineError.InvalidName, "a PostgreSQL role has neither a host nor a database"),
        { User: var user } when !IsText(user, out var length) || length > LongestName =>
            new Failure(EngineError.InvalidName, $"a PostgreSQL role has 1 to {LongestName} bytes of UTF-8 without NUL"),
        _ => null,
    };

    /// <inheritdoc/>
    public async ValueTask<Answer<IAdminSession>> ConnectAsync(Target target, Credential admin, CancellationToken cancel)
    {
        if ((Validate(admin.Account) ?? ValidatePassword(admin.Password.Reveal())) is { } invalid)
        {
            return invalid;
        }

        using var deadline = new Deadline(clock, target.ConnectLimit, cancel);
        var opened = await AdminConnection.OpenAsync(target, admin, deadline.Token);
        return opened.Failure is { } failure ? failure : await PostgreSqlSession.StartAsync(opened.Value!, target, clock, deadline.Token);
    }

    /// <inheritdoc/>
    public async ValueTask<LoginResult> TryLoginAsync(Target target, Credential account, DerivedKeys? derived, CancellationToken cancel)
    {
        if ((Validate(account.Account) ?? ValidatePassword(account.Password.Reveal())) is { } invalid)
        {
            return new LoginResult(Login.NoVerdict, invalid);
        }

        var tls = WireTlsSettings.Read(target.Tls);
        if (tls.Failure is { } unreadable)
        {
            return new LoginResult(Login.Unreachable, unreadable);
        }

        using var deadline = new Deadline(clock, target.ConnectLimit, cancel);
        var request = new PostgreSqlLoginRequest(target.Node.Host, target.Node.Port, tls.Value!, account.Account.User, account.Password.Reveal())
        {
            Keys = (derived as PostgreSqlKeys)?.Of(account.Password),
        };
        try
        {
            return LoginReplies.Read(await PostgreSqlLogin.TryAsync(request, deadline.Token), target);
        }
        catch (WireException error)
        {
            return error.ToLogin();
        }
    }

    /// <summary>The server clears a password that is set to the empty text, and no client could send a NUL.</summary>
    internal static Failure? ValidatePassword(string password) =>
        IsText(password, out _) ? null : new Failure(EngineError.InvalidName, "a PostgreSQL password is not empty and has no NUL");

    private static bool IsText(string text, out int bytes)
    {
        bytes = 0;
        try
        {
            bytes = StrictUtf8.GetByteCount(text);
        }
        catch (EncoderFallbackException)
        {
            // Half of a surrogate pair has no UTF-8 form.
            return false;
        }

        return bytes > 0 && !text.Contains('\0');
    }
}
