using Keyturn.Engines;

namespace Keyturn.Tests.Engines;

public sealed class EngineErrorsTests
{
    public static TheoryData<EngineError> All => [.. Enum.GetValues<EngineError>()];

    [Theory]
    [MemberData(nameof(All))]
    public void NextStep_EveryError_IsASentence(EngineError error) => error.NextStep().ShouldEndWith(".");

    [Theory]
    [InlineData("no answer in time", "no answer in time. Try again.")]
    [InlineData("The server is busy.", "The server is busy. Try again.")]
    [InlineData("", "Try again.")]
    public void WithNextStep_AnyDetail_IsSentences(string detail, string expected) => new Failure(EngineError.Busy, detail).WithNextStep().ShouldBe(expected);

    [Theory]
    [InlineData(EngineError.AdminLacksPrivilege)]
    [InlineData(EngineError.PasswordRefusedByServer)]
    [InlineData(EngineError.AccountMissing)]
    [InlineData(EngineError.WrongPassword)]
    public void MayPass_WaitingDoesNotHelp_IsFalse(EngineError error) => error.MayPass().ShouldBeFalse();

    [Theory]
    [InlineData(EngineError.Unreachable)]
    [InlineData(EngineError.ReadOnlyNode)]
    [InlineData(EngineError.Busy)]
    public void MayPass_WaitingHelps_IsTrue(EngineError error) => error.MayPass().ShouldBeTrue();
}
