using Keyturn.Engines.Tls;
using Keyturn.Instances;
using Keyturn.Wire;
using Keyturn.Wire.Redis;

namespace Keyturn.Engines.Redis;

/// <summary>Redis (7.0 and later) and Valkey: two engines by name, since they are two products, and one by what they do.</summary>
public sealed class RedisEngine : IEngine
{
    private readonly RedisProduct _product;
    private readonly TimeProvider _clock;

    private RedisEngine(RedisProduct product, TimeProvider clock) => (_product, _clock) = (product, clock);

    /// <inheritdoc/>
    public string Name => _product.Engine;

    /// <inheritdoc/>
    public EngineTraits Traits => EngineTraits.ChangeIsPerNode | EngineTraits.LoginSendsPassword;

    /// <summary>The engine <c>redis</c>.</summary>
    public static RedisEngine Redis(TimeProvider clock) => new(RedisProduct.Redis, clock);

    /// <summary>The engine <c>valkey</c>.</summary>
    public static RedisEngine Valkey(TimeProvider clock) => new(RedisProduct.Valkey, clock);

    /// <inheritdoc/>
    public Failure? Validate(AccountName account) => RedisNames.Check(account);

    /// <inheritdoc/>
    public async ValueTask<Answer<IAdminSession>> ConnectAsync(Target target, Credential admin, CancellationToken cancel)
    {
        if ((RedisNames.Check(admin.Account) ?? RedisNames.Check(admin.Password)) is { } invalid)
        {
            return invalid;
        }

        try
        {
            using var limit = Limit(target, cancel);
            var opened = await OpenAsync(target, limit.Token);
            return opened.Value is { } client ? await GreetAsync(client, target, admin, limit.Token) : opened.Failure!;
        }
        catch (WireException error)
        {
            return error.ToFailure();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<LoginResult> TryLoginAsync(Target target, Credential account, DerivedKeys? derived, CancellationToken cancel)
    {
        if ((RedisNames.Check(account.Account) ?? RedisNames.Check(account.Password)) is { } invalid)
        {
            return new LoginResult(Login.NoVerdict, invalid);
        }

        try
        {
            using var limit = Limit(target, cancel);
            var opened = await OpenAsync(target, limit.Token);
            if (opened.Value is null)
            {
                return new LoginResult(Login.Unreachable, opened.Failure);
            }

            await using var client = opened.Value;
            var (user, password) = (account.Account.User, account.Password.Reveal());
            return Result(await RedisLogin.RunAsync(client, user, password, isKnownToAsk: derived is PasswordIsAsked, limit.Token));
        }
        catch (WireException error)
        {
            return error.ToLogin();
        }
    }

    private static async ValueTask<Answer<RedisClient>> OpenAsync(Target target, CancellationToken cancel)
    {
        var tls = WireTlsSettings.Read(target.Tls);
        return tls.Value is { } options
            ? Answer.Of(await RedisClient.ConnectAsync(target.Node.Host, target.Node.Port, options, cancel))
            : tls.Failure!;
    }

    /// <summary>The session owns the client; without one the client is closed here.</summary>
    private async ValueTask<Answer<IAdminSession>> GreetAsync(RedisClient client, Target target, Credential admin, CancellationToken cancel)
    {
        RedisAdminSession? session = null;
        try
        {
            var greeted = await RedisServer.GreetAsync(client, admin, _product, cancel);
            if (greeted.Value is not { } server)
            {
                return greeted.Failure!;
            }

            session = new RedisAdminSession(client, server, target, admin.Account.User, _clock);
            return Answer.Of<IAdminSession>(session);
        }
        finally
        {
            if (session is null)
            {
                await client.DisposeAsync();
            }
        }
    }

    private static LoginResult Result(LoginReply reply) => reply switch
    {
        { Verdict: LoginVerdict.Accepted } => LoginResult.Accepted,
        { Verdict: LoginVerdict.NotAsked } =>
            new(Login.NotChecked, new Failure(EngineError.PasswordNotAsked, "The server lets this user in with any password (nopass).")),

        // The same words for a wrong password, a user that is off and one that is not there.
        { Code: "WRONGPASS" } => new(Login.WrongPassword, new Failure(EngineError.WrongPassword, $"{reply.Code} {reply.Message}")),
        _ => new(Login.NoVerdict, new RespError(reply.Code!, reply.Message!).ToFailure()),
    };

    private Deadline Limit(Target target, CancellationToken cancel) => new(_clock, target.ConnectLimit, cancel);
}
