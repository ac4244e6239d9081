using System.Reflection;
using Xunit.v3;

namespace Keyturn.LiveTests;

/// <summary>The server of the lab that a class's tests run on; it has a column in docs/engines.md.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OnServerAttribute(string name) : Attribute, ITraitAttribute
{
    /// <summary>The trait that has the server's name.</summary>
    public const string Trait = "server";

    /// <summary>The trait by which script/test and script/engines choose: <c>usual</c>, <c>wide</c>, or <c>any</c> for tests that take what the lab has.</summary>
    public const string LabTrait = "lab";

    public string Name { get; } = name;

    /// <summary>Whether only <c>script/lab up --wide</c> starts it.</summary>
    public bool Wide { get; init; }

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new(Trait, Name), new(LabTrait, Wide ? "wide" : "usual")];

    /// <summary>The server of a test's class.</summary>
    public static string NameOf(object test) => test.GetType().GetCustomAttribute<OnServerAttribute>()?.Name
        ?? throw new InvalidOperationException($"{test.GetType().Name} does not say on which server it runs");
}
