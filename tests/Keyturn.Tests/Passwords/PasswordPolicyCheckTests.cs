using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Tests.Passwords;

public sealed class PasswordPolicyCheckTests
{
    private const string Good = "kV7-tuGz4mXw";

    private static readonly PasswordPolicy Lax = new() { MinLength = 1, MinClasses = 0, RefuseName = false, RefuseWeak = false };

    [Fact]
    public void Check_GoodPassword_BreaksNothing() => Broken(PasswordPolicy.Default, Good).ShouldBeEmpty();

    [Theory]
    [InlineData(12, Good)]
    [InlineData(4, "😀😀😀😀")]
    [InlineData(3, "é\u0301x")]
    public void Check_LengthOnTheLimits_CountsCodePoints(int length, string password)
    {
        var exact = Lax with { MinLength = length, MaxLength = length };

        Broken(exact, password).ShouldBeEmpty();
        Broken(exact with { MinLength = length + 1, MaxLength = length + 1 }, password).ShouldBe(["min-length"]);
        Broken(exact with { MinLength = length - 1, MaxLength = length - 1 }, password).ShouldBe(["max-length"]);
    }

    [Theory]
    [InlineData("Test_345612", 2)]
    [InlineData("kV7-tuGz4mXw", 4)]
    public void Check_Score_IsTheLowestThatIsNotWeak(string password, int score)
    {
        Broken(Lax with { RefuseWeak = true, MinScore = score }, password).ShouldBeEmpty();
        Broken(Lax with { RefuseWeak = true, MinScore = score + 1 }, password).ShouldBe(["weak"]);
    }

    [Theory]
    [InlineData("aaa", 1)]
    [InlineData("aA", 2)]
    [InlineData("aA1", 3)]
    [InlineData("aA1-", 4)]
    [InlineData("aA1 ", 4)]
    [InlineData("äÄ", 2)]
    [InlineData("密码", 1)]
    public void Check_Classes_CountsWhatOccurs(string password, int classes)
    {
        Broken(Lax with { MinClasses = classes }, password).ShouldBeEmpty();
        Broken(Lax with { MinClasses = classes + 1 }, password).ShouldBe(["classes"]);
    }

    [Theory]
    [InlineData("abc_DEF", true)]
    [InlineData("abc+DEF", false)]
    [InlineData("abc DEF", false)]
    [InlineData("abcäDEF", false)]
    public void Check_OnlyAllowedSpecials_RefusesOthers(string password, bool allowed)
    {
        var policy = Lax with { Specials = "_", OnlyAllowedSpecials = true };

        Broken(policy, password).ShouldBe(allowed ? [] : ["specials"]);
        Broken(policy with { OnlyAllowedSpecials = false }, password).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("nul\0nul")]
    [InlineData("line\nbreak")]
    [InlineData("tab\tbed")]
    [InlineData("del\u007fete")]
    [InlineData("next\u0085line")]
    public void Check_ControlCharacter_IsRefusedByAnyPolicy(string password) => Broken(Lax, password).ShouldBe(["control-characters"]);

    // A fact: attributes are stored as UTF-8, which has no form for these.
    [Fact]
    public void Check_HalfASurrogatePair_IsRefusedByAnyPolicy()
    {
        foreach (var password in new[] { "\ud83d", "a\ude00b", "\ud83d\ud83d\ude00" })
        {
            Broken(Lax, password).ShouldBe(["well-formed"]);
        }
    }

    [Theory]
    [InlineData("Reporting-7", "Reporting-7", "equals-name")]
    [InlineData("Reporting-7", "rEPORTING-7", "equals-name")]
    [InlineData("Reporting-7", "7-GNITROPER", "reversed-name")]
    [InlineData("Zoë😀1", "1😀ËOZ", "reversed-name")]
    public void Check_AccountName_IsRefusedInAnyCaseAndDirection(string name, string password, string rule)
    {
        var policy = Lax with { RefuseName = true };

        Broken(policy, password, name).ShouldBe([rule]);
        Broken(policy, password + "x", name).ShouldBeEmpty();
        Broken(Lax, password, name).ShouldBeEmpty();
    }

    [Fact]
    public void Check_PalindromeName_NamesBothRules() =>
        Broken(Lax with { RefuseName = true }, "Otto", "otto").ShouldBe(["equals-name", "reversed-name"]);

    [Fact]
    public void Check_WeakPassword_IsRefusedOnlyWhereWished()
    {
        Broken(Lax with { RefuseWeak = true }, "Password-2026").ShouldBe(["weak"]);
        Broken(Lax, "Password-2026").ShouldBeEmpty();
    }

    [Fact]
    public void Check_EverythingWrong_NamesEveryRule() =>
        Broken(PasswordPolicy.Default with { OnlyAllowedSpecials = true }, "\n\ud83d", "\n\ud83d")
            .ShouldBe(["min-length", "classes", "specials", "control-characters", "well-formed", "equals-name", "weak"]);

    [Fact]
    public void Check_Sentences_NeverHoldThePassword()
    {
        const string password = "hunter2";

        var violations = PasswordPolicy.Default.Check(new Secret(password), new AccountName(password));

        violations.ShouldNotBeEmpty();
        violations.ShouldAllBe(violation => !violation.Sentence.Contains(password, StringComparison.OrdinalIgnoreCase));
    }

    private static IEnumerable<string> Broken(PasswordPolicy policy, string password, string name = "app") =>
        policy.Check(new Secret(password), new AccountName(name)).Select(violation => violation.Rule);
}
