namespace Keyturn.Storage.Tests.Stores;

/// <summary>What holds of a store, whichever database has it: each class of tests runs on both.</summary>
public abstract class StoreContract(StoreKind kind) : IAsyncLifetime
{
    private protected TestStore Test { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Test = await TestStore.CreateAsync(kind);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Test is not null)
        {
            await Test.DisposeAsync();
        }
    }
}
