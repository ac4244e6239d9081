using System.Globalization;

namespace Keyturn.Bench;

/// <summary>One row of the table of doors: what a call costs beside a bare answer, and beside the native API's, in the same rounds.</summary>
internal sealed record DoorRow(string Door, string Kind, IReadOnlyList<Measured> Floors, IReadOnlyList<Measured> Natives, IReadOnlyList<Measured> Calls)
{
    public static string Header => "| door | call | callers | floor /s | /s | of the floor | of the native API (range over rounds) |\n|---|---|--:|--:|--:|--:|---|";

    public override string ToString()
    {
        var beside = Natives.Zip(Calls, (native, call) => call.PerSecond / native.PerSecond).ToList();
        var floor = Floors.Zip(Calls, (bare, call) => call.PerSecond / bare.PerSecond).ToList();
        return string.Create(CultureInfo.InvariantCulture,
            $"| {Door} | {Kind} | {DoorBench.Callers} | {Load.Median(Floors.Select(m => m.PerSecond)):0} | {Load.Median(Calls.Select(m => m.PerSecond)):0} | {Load.Median(floor):0.00} × | {Load.Median(beside):0.00} × ({beside.Min():0.00}–{beside.Max():0.00}) |");
    }
}
