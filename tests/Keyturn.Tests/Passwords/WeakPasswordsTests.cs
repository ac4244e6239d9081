using System.Diagnostics;
using Keyturn.Passwords;

namespace Keyturn.Tests.Passwords;

public sealed class WeakPasswordsTests
{
    [Theory]
    [InlineData("")]
    [InlineData("changeme")]
    [InlineData("ChangeMe")]
    [InlineData("P4$$w0rd")]
    [InlineData("l3tM31n")]
    [InlineData("$umm3r2026")]
    [InlineData("!Keyturn-26")]
    [InlineData("Wachtwoord2026!")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("abcdefghijklmnop")]
    [InlineData("qwertyuiop12")]
    [InlineData("reporting-db1")]
    public void Contains_CommonOrGuessable_IsTrue(string password) => WeakPasswords.Contains(password, "reporting-db").ShouldBeTrue();

    [Theory]
    [InlineData("kV7-tuGz4mXw")]
    [InlineData("violet anchor peeling tuba")]
    [InlineData("Grüße-an-Zoë-7x")]
    [InlineData("dragon-7h2kq9xw4")]
    public void Contains_HardToGuess_IsFalse(string password) => WeakPasswords.Contains(password, "reporting-db").ShouldBeFalse();

    /// <summary>What providers' own rules let through and refuse, where the least score is asked.</summary>
    [Theory]
    [InlineData("Test_345612", false)]
    [InlineData("N3w-Passw0rd~", false)]
    [InlineData("Rekey_New-2026!", false)]
    [InlineData("Password_1", true)]
    [InlineData("P@ssw0rd1", true)]
    [InlineData("Huawei@123", true)]
    [InlineData("Gauss@123", true)]
    [InlineData("Admin@123", true)]
    [InlineData("Root@1234", true)]
    [InlineData("Abc@12345", true)]
    [InlineData("Abcd_1234", true)]
    [InlineData("Qwerty@123", true)]
    [InlineData("Aa123456!", true)]
    [InlineData("Summer_2026", true)]
    public void Contains_LeastScore_KnowsCommonWordsStill(string password, bool isWeak) => WeakPasswords.Contains(password, "root", minScore: 1).ShouldBe(isWeak);

    [Fact]
    public void Contains_StrongEndAfterALongWeakStart_IsFalse() =>
        WeakPasswords.Contains(new string('a', 200) + "kV7-tuGz4mXwq8Ls", "app").ShouldBeFalse();

    [Theory]
    [InlineData("a")]
    [InlineData("p@ssw0rd")]
    [InlineData("4@8(36<!1|0$5+7%2z")]
    public void Contains_VeryLong_TakesNoLongerThanItsEnds(string repeated)
    {
        WeakPasswords.Contains("warm up", "app");
        var time = Stopwatch.StartNew();

        WeakPasswords.Contains(string.Concat(Enumerable.Repeat(repeated, 10_000)), "app");

        time.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData("11112222")]
    [InlineData("1111d2222")]
    [InlineData("1111dragon2222")]
    public void Contains_AMegabyteOfDecorations_TakesNoLonger(string shape)
    {
        WeakPasswords.Contains("warm up", "app");
        var time = Stopwatch.StartNew();

        // As large as a request may be: searching the decorations in each other took minutes.
        WeakPasswords.Contains(shape.Replace("1111", new string('1', 500_000), StringComparison.Ordinal).Replace("2222", new string('2', 500_000), StringComparison.Ordinal), "app");

        time.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void Contains_ManyThreads_AnswersTheSame() =>
        Enumerable.Range(0, 64).AsParallel().WithDegreeOfParallelism(8)
            .Select(i => WeakPasswords.Contains(i % 2 == 0 ? "Tr1stan-und-1solde" : "qwertyuiop" + i, "app") == (i % 2 == 1))
            .ShouldAllBe(right => right);
}
