using Keyturn.Passwords;

namespace Keyturn.Tests.Passwords;

public sealed class PasswordPolicyProblemsTests
{
    public static TheoryData<PasswordPolicy, string[]> Impossible => new()
    {
        { new PasswordPolicy { MinLength = 0 }, ["min-length"] },
        { new PasswordPolicy { MinLength = 20, MaxLength = 19, GeneratedLength = 20 }, ["max-length", "generated-length"] },
        { new PasswordPolicy { MaxLength = 1025 }, ["max-length"] },
        { new PasswordPolicy { GeneratedLength = 11, MinLength = 8 }, ["generated-length"] },
        { new PasswordPolicy { GeneratedLength = 15, MinLength = 16 }, ["generated-length"] },
        { new PasswordPolicy { GeneratedLength = 33, MaxLength = 32 }, ["generated-length"] },
        { new PasswordPolicy { MinClasses = -1 }, ["classes"] },
        { new PasswordPolicy { MinClasses = 5 }, ["classes"] },
        { new PasswordPolicy { MinClasses = 4, Specials = "" }, ["classes"] },
        { new PasswordPolicy { Specials = "-a" }, ["specials"] },
        { new PasswordPolicy { Specials = "-7" }, ["specials"] },
        { new PasswordPolicy { Specials = "- " }, ["specials"] },
        { new PasswordPolicy { Specials = "-\0" }, ["specials"] },
        { new PasswordPolicy { Specials = "-é" }, ["specials"] },
        { new PasswordPolicy { Specials = "--" }, ["specials"] },
        { new PasswordPolicy { MinClasses = 2, GeneratedAlphabet = "0123456789abcdef" }, ["classes"] },
        { new PasswordPolicy { MinClasses = 1, GeneratedAlphabet = "0123456789abcde" }, ["generated-alphabet"] },
        { new PasswordPolicy { MinClasses = 1, GeneratedAlphabet = "0123456789abcdeff" }, ["generated-alphabet"] },
        { new PasswordPolicy { MinClasses = 1, GeneratedAlphabet = "0123456789abcdef " }, ["generated-alphabet"] },
        { new PasswordPolicy { MinLength = 0, MinClasses = 9, Specials = "x" }, ["min-length", "classes", "specials"] },
    };

    [Theory]
    [MemberData(nameof(Impossible), DisableDiscoveryEnumeration = true)]
    public void Problems_ImpossiblePolicy_NamesEveryRule(PasswordPolicy policy, string[] rules) =>
        policy.Problems().Select(problem => problem.Rule).ShouldBe(rules);

    [Fact]
    public void Problems_Default_HasNone() => PasswordPolicy.Default.Problems().ShouldBeEmpty();

    [Fact]
    public void Problems_ShortestAndLongest_HasNone()
    {
        new PasswordPolicy { MinLength = 1, GeneratedLength = 12, MaxLength = 12, MinClasses = 0, Specials = "" }.Problems().ShouldBeEmpty();
        new PasswordPolicy { MinLength = 1024, GeneratedLength = 1024, MaxLength = 1024, MinClasses = 4 }.Problems().ShouldBeEmpty();
    }
}
