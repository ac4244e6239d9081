using System.Collections.Frozen;
using System.Security.Cryptography;
using Keyturn.Passwords;
using Keyturn.Storage.Sealing;

namespace Keyturn.Storage.Tests.Sealing;

public sealed class KeyRingTests
{
    private static readonly Guid StoreId = Guid.NewGuid();
    private static readonly Guid AccountId = Guid.NewGuid();
    private static readonly byte[] First = RandomNumberGenerator.GetBytes(32);
    private static readonly byte[] Second = RandomNumberGenerator.GetBytes(32);
    private static readonly SealContext Context = SealContext.Password(AccountId, 3);

    private readonly KeyRing _keys = Ring(StoreId, active: 1);

    public static TheoryData<string> OtherPlaces => new("account", "version", "purpose", "data key", "store");

    [Theory]
    [InlineData("")]
    [InlineData("p")]
    [InlineData("pässwörd 🗝 '\"\\%@")]
    public void Open_WhatWasClosed_IsTheSame(string password) =>
        _keys.Open(_keys.Close(new Secret(password), Context), Context).Reveal().ShouldBe(password);

    [Fact]
    public void Close_SameSecretTwice_IsNeverTheSame() =>
        _keys.Close(new Secret("password"), Context).Box.ShouldNotBe(_keys.Close(new Secret("password"), Context).Box);

    [Fact]
    public void Close_LoneSurrogate_IsRefusedRatherThanReplaced() =>
        Should.Throw<ArgumentException>(() => _keys.Close(new Secret("\ud800"), Context));

    [Theory]
    [MemberData(nameof(OtherPlaces))]
    public void Open_MovedElsewhere_DoesNotOpen(string place)
    {
        var text = _keys.Close(new Secret("password"), Context);

        Should.Throw<StoreException>(() => place switch
        {
            "account" => _keys.Open(text, SealContext.Password(Guid.NewGuid(), 3)),
            "version" => _keys.Open(text, SealContext.Password(AccountId, 4)),
            "purpose" => _keys.Open(text, SealContext.ClientKey(AccountId, 3)),
            "data key" => Ring(StoreId, active: 1, sameKeys: true).Open(text with { DataKeyId = 2 }, Context),
            _ => Ring(Guid.NewGuid(), active: 1).Open(text, Context),
        }).Fault.ShouldBe(StoreFault.Seal);
    }

    [Fact]
    public void Open_AnyBitChanged_DoesNotOpenAndNamesAccountAndVersion()
    {
        var text = _keys.Close(new Secret("password"), Context);
        for (var i = 0; i < text.Box.Length; i++)
        {
            var box = text.Box.ToArray();
            box[i] ^= 1;

            var error = Should.Throw<StoreException>(() => _keys.Open(text with { Box = box }, Context));

            error.Message.ShouldContain($"version 3 of account {AccountId}");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(27)]
    public void Open_CutShort_DoesNotOpen(int length) =>
        Should.Throw<StoreException>(() => _keys.Open(new SealedText(1, new byte[length]), Context)).Fault.ShouldBe(StoreFault.Seal);

    [Fact]
    public void Open_OlderDataKey_StillOpens()
    {
        var text = _keys.Close(new Secret("password"), Context);

        Ring(StoreId, active: 2).Open(text, Context).Reveal().ShouldBe("password");
    }

    [Fact]
    public void Open_UnknownDataKey_SaysSo() =>
        Should.Throw<StoreException>(() => _keys.Open(new SealedText(9, new byte[40]), Context)).Message.ShouldContain("data key 9");

    private static KeyRing Ring(Guid storeId, long active, bool sameKeys = false) => new(
        new OpenedKeys(storeId, active, new Dictionary<long, byte[]> { [1] = First, [2] = sameKeys ? First : Second }.ToFrozenDictionary(), new byte[32]),
        new MasterKeys(MasterKey.Generate()));
}
