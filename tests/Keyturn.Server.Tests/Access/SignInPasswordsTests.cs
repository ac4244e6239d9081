using System.Diagnostics;
using System.Text;
using Keyturn.Access;
using Keyturn.Passwords;
using Keyturn.Server.Access;

namespace Keyturn.Server.Tests.Access;

[Collection<StandardOutput>]
public sealed class SignInPasswordsTests
{
    private readonly SignInPasswords _passwords = new();

    [Fact]
    public void Verify_OfAHash_TakesItsPasswordAndNoOther()
    {
        var known = Known(_passwords.Hash(new Secret("Right-Pa55word")));

        _passwords.Verify(known, new Secret("Right-Pa55word")).ShouldBeTrue();
        _passwords.Verify(known, new Secret("right-Pa55word")).ShouldBeFalse();
        _passwords.Verify(known, new Secret("")).ShouldBeFalse();
        _passwords.Verify(known: null, new Secret("Right-Pa55word")).ShouldBeFalse();
    }

    [Fact]
    public void Hash_OfOnePassword_IsNeverTheSameAndIsPbkdf2WithSha512()
    {
        var (first, second) = (_passwords.Hash(new Secret("Right-Pa55word")), _passwords.Hash(new Secret("Right-Pa55word")));

        first.ShouldNotBe(second);
        var bytes = Convert.FromBase64String(Encoding.UTF8.GetString(first));
        // The framework's format 3: marker, function (2 is HMAC-SHA-512), iterations, each big-endian.
        bytes[..9].ShouldBe([1, 0, 0, 0, 2, 0x00, 0x03, 0x34, 0x50]);
    }

    [Fact]
    public void Verify_NobodyKnown_DoesTheSameWork()
    {
        var known = Known(_passwords.Hash(new Secret("Right-Pa55word")));
        var (withOne, without) = (double.MaxValue, double.MaxValue);

        // The fastest of many, in turns: other programs only ever make them slower. Without the work it would be thousands of times faster.
        for (var round = 0; round < 15; round++)
        {
            (withOne, without) = (Math.Min(withOne, Milliseconds(known)), Math.Min(without, Milliseconds(known: null)));
        }

        (without / withOne).ShouldBeInRange(0.5, 2);
    }

    private double Milliseconds(KnownCredential? known)
    {
        var start = Stopwatch.GetTimestamp();
        _passwords.Verify(known, new Secret("Wrong-Pa55word")).ShouldBeFalse();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static KnownCredential Known(byte[] hash)
    {
        var principal = new Principal(Guid.NewGuid(), Guid.NewGuid(), "ops", DateTimeOffset.UnixEpoch);
        return new KnownCredential(principal, new PrincipalCredential(Guid.NewGuid(), principal.Id, CredentialKind.Password, "", DateTimeOffset.UnixEpoch), new CredentialMaterial(hash));
    }
}
