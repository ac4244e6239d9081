using Keyturn.Instances;
using Keyturn.Passwords;

namespace Keyturn.Tests.Passwords;

public sealed class PasswordGeneratorTests
{
    private const int Passwords = 2_000;

    [Theory]
    [InlineData(12, "")]
    [InlineData(12, "_")]
    [InlineData(32, "-_.~!*+")]
    [InlineData(128, "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")]
    public void Generate_AnyPolicy_KeepsItsOwnRules(int length, string specials)
    {
        var policy = new PasswordPolicy
        {
            GeneratedLength = length,
            Specials = specials,
            OnlyAllowedSpecials = true,
            MinClasses = specials.Length == 0 ? 3 : 4,
        };

        for (var i = 0; i < 20; i++)
        {
            var password = PasswordGenerator.Generate(policy);
            password.Length.ShouldBe(length);
            policy.Check(password, new AccountName("app")).ShouldBeEmpty();
        }
    }

    [Fact]
    public void Generate_NoSpecials_HasLettersAndDigitsOnly() =>
        Generated(new PasswordPolicy { Specials = "", MinClasses = 3 }).ShouldAllBe(password => password.All(char.IsAsciiLetterOrDigit));

    [Fact]
    public void Generate_SpecialsNotNeededByPolicy_StillHasEveryClass() =>
        Generated(new PasswordPolicy { MinClasses = 0, Specials = "_", GeneratedLength = 12 })
            .ShouldAllBe(password => password.Contains('_') && password.Any(char.IsAsciiLetterLower) && password.Any(char.IsAsciiLetterUpper) && password.Any(char.IsAsciiDigit));

    [Fact]
    public void Generate_ManyTimes_NeverRepeats() => Generated(new PasswordPolicy()).Distinct().Count().ShouldBe(Passwords);

    /// <summary>
    /// Expected uses of a character: its share of the free places plus its share of its class's guaranteed place. Six standard
    /// deviations: a fair generator fails once in about ten million runs, one with a modulo bias or a skipped character every time.
    /// </summary>
    [Fact]
    public void Generate_ManyTimes_UsesEveryCharacterAsOftenAsExpected()
    {
        var policy = new PasswordPolicy();
        var counts = Generated(policy).SelectMany(password => password).CountBy(c => c).ToDictionary();

        foreach (var (c, classSize) in Alphabet(policy))
        {
            var alphabet = 62 + policy.Specials.Length;
            var expected = Passwords * (((policy.GeneratedLength - 4.0) / alphabet) + (1.0 / classSize));
            ((double)counts[c]).ShouldBe(expected, 6 * Math.Sqrt(expected), $"uses of '{c}'");
        }
    }

    /// <summary>Without the shuffle the guaranteed special would always stand at the same place.</summary>
    [Fact]
    public void Generate_ManyTimes_PutsSpecialsEverywhereAlike()
    {
        var policy = new PasswordPolicy { Specials = "_", GeneratedLength = 16 };
        var places = Generated(policy).SelectMany(password => password.Index().Where(place => place.Item == '_')).CountBy(place => place.Index).ToDictionary();

        var expected = Passwords * ((12.0 / 63) + 1) / 16;
        places.Count.ShouldBe(16);
        places.Values.ShouldAllBe(count => Math.Abs(count - expected) < 6 * Math.Sqrt(expected));
    }

    [Fact]
    public void Generate_OwnAlphabet_UsesAllOfItAndNothingElse()
    {
        var passwords = Generated(new PasswordPolicy { MinClasses = 0, GeneratedAlphabet = "0123456789abcdef" });

        passwords.ShouldAllBe(password => password.Length == 32);
        passwords.SelectMany(password => password).Distinct().Order().ShouldBe("0123456789abcdef");
    }

    [Fact]
    public void Generate_ImpossiblePolicy_IsABugOfTheCaller() =>
        Should.Throw<ArgumentException>(() => PasswordGenerator.Generate(new PasswordPolicy { MinClasses = 4, Specials = "" }));

    private static List<string> Generated(PasswordPolicy policy) =>
        [.. Enumerable.Range(0, Passwords).Select(_ => PasswordGenerator.Generate(policy).Reveal())];

    private static IEnumerable<(char Character, int ClassSize)> Alphabet(PasswordPolicy policy)
    {
        string[] classes = ["abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789", policy.Specials];
        return classes.SelectMany(members => members.Select(c => (c, members.Length)));
    }
}
