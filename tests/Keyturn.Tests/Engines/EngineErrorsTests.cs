using Keyturn.Engines;

namespace Keyturn.Tests.Engines;

public sealed class EngineErrorsTests
{
    public static TheoryData<EngineError> All => [.. Enum.GetValues<EngineError>()];

    [Theory]
    [MemberData(nameof(All))]
    public void NextStep_EveryError_IsASentence(EngineError error) => error.NextStep().ShouldEndWith(".");

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
