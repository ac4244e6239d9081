using Keyturn.Checks;
using Keyturn.Engines;
using Keyturn.Instances;
using Keyturn.Resets;
using Keyturn.Server.Access;
using Keyturn.Server.Hosting;

namespace Keyturn.Server.Dialects.Dds;

/// <summary>Checking, resetting and judging passwords.</summary>
internal static class DdsPasswords
{
    /// <summary>200 when the database accepts the password. Whatever says nothing about the password is no refusal of it.</summary>
    public static async Task<IResult> CheckAsync(
        PathText instance_id, HttpContext http, IInstanceStore instances, Checker checker, CancellationToken cancel)
    {
        var asked = await DdsRequest.ReadAsync(http, instance_id, instances, DdsJson.Default.PasswordBody, cancel);
        if (asked is not { Instance: { } instance, Body: { } body })
        {
            return asked.Refusal!;
        }

        if (body.UserPwd is not { } password)
        {
            return DdsErrors.Answer(http, DdsError.Parameter);
        }

        if (DdsForm.Account(instance, body.UserName, body.DbName) is not { } account)
        {
            return DdsErrors.Answer(http, DdsError.UserName);
        }

        if (MustLookRight(instance) && DdsForm.Fault(DdsForm.CheckedPassword.Check(password, account)) is { } fault)
        {
            return DdsErrors.Answer(http, fault);
        }

        var outcome = await checker.CheckAsync(http.Caller(), instance, account, password, cancel);
        return outcome.Login is { } login ? Answer(http, login) : DdsErrors.Of(http, DdsOperation.Check, instance, outcome.Refusal!);
    }

    /// <summary>Gives an account the caller's password.</summary>
    public static async Task<IResult> ResetAsync(PathText instance_id, HttpContext http, IInstanceStore instances, Resetter resetter, CancellationToken cancel)
    {
        var asked = await DdsRequest.ReadAsync(http, instance_id, instances, DdsJson.Default.PasswordBody, cancel);
        if (asked is not { Instance: { } instance, Body: { } body })
        {
            return asked.Refusal!;
        }

        if (body.UserPwd is not { } password)
        {
            return DdsErrors.Answer(http, DdsError.Parameter);
        }

        if (DdsForm.Account(instance, body.UserName, body.DbName) is not { } account)
        {
            return DdsErrors.Answer(http, DdsError.UserName);
        }

        var request = http.NewReset(instance, account, "dds.reset_password", ofAdministrator: account == instance.MainAccount) with
        {
            Password = password,
            Policy = DdsForm.NewPassword,
            IdempotencyKey = http.IdempotencyKey(),
        };
        return Answer(http, DdsOperation.Reset, instance, await resetter.RunAsync(request, cancel));
    }

    /// <summary>Whether a password is easily guessed, before anybody takes it.</summary>
    public static async Task<IResult> JudgeAsync(HttpContext http, CancellationToken cancel)
    {
        var body = await JsonBody.ReadAsync(http, DdsJson.Default.WeakPasswordBody, cancel);
        if (body.Value?.Password is not { Length: > 0 } password)
        {
            return DdsErrors.Answer(http, DdsError.Parameter, body.Fault);
        }

        var isWeak = DdsForm.IsWeak(password);
        return TypedResults.Json(new WeakPasswordAnswer(isWeak, isWeak), DdsJson.Default.WeakPasswordAnswer);
    }

    /// <summary>What came of a reset, or of making an account.</summary>
    public static IResult Answer(HttpContext http, DdsOperation operation, Instance instance, ResetOutcome outcome)
    {
        if (outcome.Reset is not { } reset)
        {
            return DdsErrors.Of(http, operation, instance, outcome.Refusal!);
        }

        http.AnswerWith(reset);
        return reset.State == ResetState.Done ? DdsRequest.Done() : DdsErrors.Of(http, operation, reset);
    }

    private static IResult Answer(HttpContext http, LoginResult login) => login switch
    {
        { Login: Login.Accepted } => DdsRequest.Done(),
        { Login: Login.WrongPassword } => DdsErrors.Answer(http, DdsError.NotTheirs),

        // No account can have it: too long, or characters that the server takes in no password.
        { Failure.Error: EngineError.InvalidName } => DdsErrors.Answer(http, DdsError.Password),

        // Right, but not let in; let in without being asked; or no word of it. None of these is "wrong", and none is "right".
        _ => DdsErrors.Answer(http, DdsError.Server),
    };

    private static bool MustLookRight(Instance instance) => instance.Attributes.GetValueOrDefault(InstanceAttribute.CheckAnyPassword) != "true";
}
