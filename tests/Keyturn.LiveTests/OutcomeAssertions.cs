using Keyturn.Engines;

namespace Keyturn.LiveTests;

/// <summary>Says the failure's detail when an outcome is another than expected.</summary>
internal static class OutcomeAssertions
{
    public static void ShouldBeApplied(this ChangeResult result) => result.Change.ShouldBe(Change.Applied, result.Failure?.ToString());

    public static void ShouldBe(this LoginResult result, Login expected) => result.Login.ShouldBe(expected, result.Failure?.ToString());
}
