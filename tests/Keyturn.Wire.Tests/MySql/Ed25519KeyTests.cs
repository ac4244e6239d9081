using System.Numerics;
using System.Security.Cryptography;
using Keyturn.Wire.MySql.Ed25519;

namespace Keyturn.Wire.Tests.MySql;

public sealed class Ed25519KeyTests
{
    private static readonly BigInteger Prime = BigInteger.Pow(2, 255) - 19;

    /// <summary>RFC 8032, section 7.1, tests 1 to 3 and SHA(abc).</summary>
    [Theory]
    [InlineData(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [InlineData(
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")]
    [InlineData(
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]
    [InlineData(
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704")]
    public void Sign_VectorsOfTheRfc_AreMet(string seed, string publicKey, string message, string signature)
    {
        var key = new Ed25519Key(Convert.FromHexString(seed));

        Convert.ToHexStringLower(key.PublicKey).ShouldBe(publicKey);
        Convert.ToHexStringLower(key.Sign(Convert.FromHexString(message))).ShouldBe(signature);
    }

    /// <summary>Written by MariaDB 10.11 for IDENTIFIED VIA ed25519 USING PASSWORD('x').</summary>
    [Fact]
    public void PublicKey_PasswordOfOneLetter_IsWhatMariaDbStores() =>
        Convert.ToBase64String(new Ed25519Key("x").PublicKey).ShouldBe("Gv2JI8Env2fd5YGonZ082tX3UAW+yJYldOlj4R1bfK4=");

    [Fact]
    public void FieldElement_EdgesOfThePrime_AreReduced()
    {
        foreach (var number in (BigInteger[])[0, 1, 18, 19, Prime - 1, Prime, Prime + 1, Prime + 18, BigInteger.Pow(2, 255) - 1])
        {
            Number(Element(number)).ShouldBe(number % Prime);
        }
    }

    [Fact]
    public void FieldElement_AnyNumbers_CalculateAsBigIntegersDo()
    {
        for (var round = 0; round < 200; round++)
        {
            var (a, b) = (Any(), Any());
            Number(Element(a) + Element(b)).ShouldBe((a + b) % Prime);
            Number(Element(a) - Element(b)).ShouldBe((a - b + Prime + Prime) % Prime);
            Number(Element(a) * Element(b)).ShouldBe(a * b % Prime);
            Number(Element(a).Invert()).ShouldBe(BigInteger.ModPow(a, Prime - 2, Prime));
        }
    }

    private static BigInteger Any() => new BigInteger(RandomNumberGenerator.GetBytes(32), isUnsigned: true) % BigInteger.Pow(2, 255);

    private static FieldElement Element(BigInteger number)
    {
        var bytes = new byte[32];
        number.TryWriteBytes(bytes, out _, isUnsigned: true).ShouldBeTrue();
        return FieldElement.FromBytes(bytes);
    }

    private static BigInteger Number(FieldElement element) => new(element.ToBytes(), isUnsigned: true);
}
