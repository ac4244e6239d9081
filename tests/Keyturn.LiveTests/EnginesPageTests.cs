using System.Reflection;
using System.Text.Json.Nodes;

namespace Keyturn.LiveTests;

/// <summary>docs/engines.md has a column for each server and a row for each feature that tests name, and no others. Needs no lab.</summary>
public sealed class EnginesPageTests
{
    private static readonly Type[] Classes = [.. typeof(EnginesPageTests).Assembly.GetTypes().Where(type => type.IsClass && !type.IsAbstract)];

    private static readonly string[] Servers = Distinct(Classes.Select(type => type.GetCustomAttribute<OnServerAttribute>()?.Name).Concat(["redis-7", "redis-8", "valkey-8", "valkey-9"]));

    private static readonly string[] Features = Distinct(
        Classes.SelectMany(type => type.GetCustomAttributes<FeatureAttribute>().Concat(type.GetMethods().SelectMany(method => method.GetCustomAttributes<FeatureAttribute>())))
            .Select(feature => feature.Name));

    private static string Page => File.ReadAllText(Path.Combine(Lab.Repository, "docs", "engines.md"));

    private static JsonNode Plan => JsonNode.Parse(File.ReadAllText(Path.Combine(Lab.Repository, "script", "engines.d", "page.json")))!;

    [Fact]
    public void Plan_ServersAndFeatures_AreThoseOfTheTests()
    {
        Distinct(Plan["servers"]!.AsArray().Select(server => server!["name"]!.ToString())).ShouldBe(Servers);
        Distinct(Plan["sections"]!.AsArray().SelectMany(section => section!["features"]!.AsArray()).Select(feature => feature!["name"]!.ToString())).ShouldBe(Features);
    }

    [Fact]
    public void Page_ServersAndFeatures_AreAllThere()
    {
        Servers.ShouldAllBe(server => Page.Contains($"`{server}`"), "run script/engines");
        Features.ShouldAllBe(feature => Page.Contains($"\n| {feature} |"), "run script/engines");
    }

    private static string[] Distinct(IEnumerable<string?> names) => [.. names.OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
