using System.Text;
using Keyturn.Engines.MySql.Verifiers;
using Keyturn.Wire.MySql.Authentication;

namespace Keyturn.Engines.Tests.MySql;

public sealed class PasswordVerifierTests
{
    private const string Password = "Old-1 canary";

    /// <summary>What the servers themselves stored of <see cref="Password"/>: MySQL 9.7 (salts of any bytes), MariaDB 11.8.</summary>
    private static readonly Dictionary<string, string> StoredByServers = new()
    {
        ["caching_sha2_password"] = FromHex("244124303041246C0F0F7D2F0827536D7A54034056180A42164D43646162794F674F665A474E4D654E706D563975562F6B6B5578634D7633796B795A433664396A4362656E33"),
        ["sha256_password"] = FromHex("24352466473C50377C181D7806516F2371482B673D3D0E24537372785263773874563442734E412E61626A5432316F444C4E50663055774541662F7061345075446A35"),
        ["parsec"] = "P0:K89fYQP/2e35VUVl1e6Qr2cs:YoZyRU5yPZYpZM3dzIBOoyoiqfimy5e/yv42dDYtBGY",
        ["caching_sha2_password of MariaDB"] = "$A$005$e/F`I[883/C5n(uT8HA4OsEQ3aACVMu9jsAGkReCvcIXsC6Ou2QWdRMqn6OLcL4",
    };

    /// <summary>Made by crypt(3) of the GNU C library.</summary>
    [Theory]
    [InlineData("Hello world!", "saltstring", 5000, "5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5")]
    [InlineData("Hello world!", "saltstringsaltst", 10000, "3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA")]
    [InlineData("we have a short salt string but not a short password", "short", 77777, "JiO1O3ZpDAxGJeaDIuqCoEFysAe1mZNJRs3pw0KQRd/")]
    public void Sha256Crypt_KnownAnswers_AreMet(string password, string salt, int rounds, string expected) =>
        Sha256Crypt.Hash(Encoding.UTF8.GetBytes(password), Encoding.UTF8.GetBytes(salt), rounds).ShouldBe(expected);

    [Fact]
    public void Sha256Crypt_PasswordLongerThanADigest_IsMet() =>
        Sha256Crypt.Hash(Encoding.UTF8.GetBytes(new string('x', 100)), "anotherlongsalts"u8, 1400).ShouldBe("u1CElcvxfRe/hGJVreAFSBT1biWzGYAyGObdCI4Fg0D");

    [Theory]
    [InlineData("caching_sha2_password")]
    [InlineData("sha256_password")]
    [InlineData("parsec")]
    [InlineData("caching_sha2_password of MariaDB")]
    public void Matches_StoredByTheServer_TellsPasswordsApart(string plugin)
    {
        var verifier = Verifier(plugin);

        verifier.Matches(StoredByServers[plugin], Password).ShouldBe(true);
        verifier.Matches(StoredByServers[plugin], Password + "x").ShouldBe(false);
    }

    [Fact]
    public void Native_KnownAnswer_IsMet()
    {
        new NativePasswordVerifier().Make("x").ShouldBe("*B69027D44F6E5EDC07F1AEAD1477967B16F28227");
        new NativePasswordVerifier().Matches("*b69027d44f6e5edc07f1aead1477967b16f28227", "x").ShouldBe(true);
    }

    [Fact]
    public void Ed25519_KnownAnswer_IsMet() => new Ed25519Verifier().Make("x").ShouldBe("Gv2JI8Env2fd5YGonZ082tX3UAW+yJYldOlj4R1bfK4");

    [Theory]
    [InlineData("caching_sha2_password")]
    [InlineData("sha256_password")]
    [InlineData("mysql_native_password")]
    [InlineData("ed25519")]
    [InlineData("parsec")]
    public void Make_AnyPassword_MatchesItselfAndNeedsNoQuoting(string plugin)
    {
        var stored = Verifier(plugin).Make("pässword '\\\U0001F511");

        Verifier(plugin).Matches(stored, "pässword '\\\U0001F511").ShouldBe(true);
        stored.ShouldAllBe(letter => char.IsAscii(letter) && letter != '\'' && letter != '\\' && !char.IsControl(letter));
    }

    [Theory]
    [InlineData("caching_sha2_password")]
    [InlineData("sha256_password")]
    [InlineData("parsec")]
    public void Make_SamePasswordTwice_IsSaltedAnew(string plugin) => Verifier(plugin).Make(Password).ShouldNotBe(Verifier(plugin).Make(Password));

    [Theory]
    [InlineData("caching_sha2_password", "$A$005$short")]
    [InlineData("caching_sha2_password", "$A$0G5$01234567890123456789u1CElcvxfRe/hGJVreAFSBT1biWzGYAyGObdCI4Fg0D")]
    [InlineData("sha256_password", "")]
    [InlineData("mysql_native_password", "invalid")]
    [InlineData("ed25519", "invalid")]
    [InlineData("parsec", "P4:K89fYQP/2e35VUVl1e6Qr2cs:YoZyRU5yPZYpZM3dzIBOoyoiqfimy5e/yv42dDYtBGY")]
    [InlineData("parsec", "P0:K89fYQP/2e35VUVl1e6Qr2c=:YoZyRU5yPZYpZM3dzIBOoyoiqfimy5e/yv42dDYtBGY")]
    [InlineData("parsec", "P0:K89fYQP/2e35VUVl1e6Qr2cs")]
    public void Matches_NoVerifierOfThePlugin_IsUnknown(string plugin, string stored) => Verifier(plugin).Matches(stored, Password).ShouldBeNull();

    [Fact]
    public void Parsec_MoreRounds_AreThoseOfTheText()
    {
        var salt = new byte[Parsec.SaltLength];
        var key = Convert.ToBase64String(Parsec.Key(Encoding.UTF8.GetBytes(Password), salt, exponent: 1).PublicKey).TrimEnd('=');

        new ParsecVerifier().Matches($"P1:{Convert.ToBase64String(salt)}:{key}", Password).ShouldBe(true);
        new ParsecVerifier().Matches($"P0:{Convert.ToBase64String(salt)}:{key}", Password).ShouldBe(false);
        new ParsecVerifier().Make(Password).ShouldStartWith("P0:");
    }

    [Fact]
    public void CachingSha2_RoundsOfTheServer_AreWrittenAsThousandsInHex() =>
        new CachingSha2Verifier(rounds: 10_000).Make(Password).ShouldStartWith("$A$00A$");

    private static PasswordVerifier Verifier(string plugin) => plugin switch
    {
        "parsec" => new ParsecVerifier(),
        "caching_sha2_password" or "caching_sha2_password of MariaDB" => new CachingSha2Verifier(rounds: 5_000),
        "sha256_password" => new Sha256PasswordVerifier(),
        "mysql_native_password" => new NativePasswordVerifier(),
        _ => new Ed25519Verifier(),
    };

    private static string FromHex(string hex) => Encoding.UTF8.GetString(Convert.FromHexString(hex));
}
