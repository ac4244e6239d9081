using Keyturn.Engines;

namespace Keyturn.Bench;

/// <summary>What every part of a run needs: the executable, a folder on the disk that is to be measured, the servers, and the floor of an answer.</summary>
internal sealed record Workbench(string Program, string Folder, BenchLab Lab, string CaPem, EngineCatalog Engines, AnswerProcess Answer, int Rounds, TimeSpan Time)
{
    /// <summary>Most callers of any row.</summary>
    public const int MostCallers = 32;

    public Task<KeyturnStore> NewStoreAsync(string name) => KeyturnStore.CreateAsync(Program, Path.Combine(Folder, name));

    public Task<IReadOnlyList<Row>> MeasureAsync(IReadOnlyList<Cell> cells) => Cell.MeasureAsync(cells, Rounds, Time);

    /// <summary>Floors need a warm session for each caller.</summary>
    public async Task<Floor> OpenFloorAsync(BenchServer server, string? caPem)
    {
        var floor = new Floor(Engines[server.Engine], server.Target(caPem), Answer, Directory.CreateDirectory(Path.Combine(Folder, "floor")).FullName);
        await floor.PrepareAsync(server.Admin.Credential, MostCallers);
        return floor;
    }
}
