using FsCheck;
using FsCheck.Fluent;
using Keyturn.Access;
using Keyturn.Access.Policies;

namespace Keyturn.Tests.Access.Policies;

/// <summary>What holds of all policies.</summary>
public sealed class RightsPropertyTests
{
    private static readonly string[] Actions = ["*", "keyturn:account:*", "keyturn:account:reset", "ddm:instance:updateUser", "gaussdbformysql:*:*", "dds:*:*", "ecs:*:*"];
    private static readonly string[] Resources = ["*", "keyturn:*:*:instance:orders", "keyturn:*:*:instance:e*", "ddm:*:*:instance:*", "keyturn:eu-nl:*:*:*"];
    private static readonly string[] Conditions =
    [
        """{"StringEquals":{"g:ResourceTag/stage":["test"]}}""", """{"StringNotEquals":{"g:ResourceTag/stage":["test"]}}""", """{"IpAddress":{"g:SourceIp":["10.0.0.0/8"]}}""",
        """{"Null":{"g:ResourceTag/stage":["false"]}}""", """{"DateGreaterThan":{"g:CurrentTime":["2030-01-01"]}}""",
        """{"StringNotEquals":{"g:EnterpriseProjectId":["0"]}}""", """{"StringEqualsIfExists":{"g:ProjectName":["eu-de"]}}""",
    ];

    private static readonly Gen<string> Statement =
        from effect in Gen.Elements("Allow", "Deny")
        from member in Gen.Elements("Action", "Action", "Action", "NotAction")
        from action in Gen.Elements(Actions)
        from resource in Gen.Elements(Resources)
        from condition in Gen.Elements([.. Conditions, .. Enumerable.Repeat("", 5)])
        select $$"""{"Effect":"{{effect}}","{{member}}":["{{action}}"],"Resource":["{{resource}}"]{{(condition.Length == 0 ? "" : $",\"Condition\":{condition}")}}}""";

    private static readonly Gen<NamedPolicy> Policy =
        from version in Gen.Elements("5.0", "1.1")
        from statements in Statement.NonEmptyListOf()
        select PolicyCase.Of(string.Join(',', statements.Take(4)), version);

    private static readonly Gen<AccessRequest> Request =
        from action in Gen.Elements([.. KeyturnAction.All, .. ProviderAction.All.Select(action => action.Name)])
        from instance in Gen.Elements(PolicyCase.Orders, PolicyCase.Events)
        from source in Gen.Elements("10.1.2.3", "192.0.2.1", "local")
        select PolicyCase.Request(RequestedAction.FindAll(action)[0], KeyturnAction.IsOnInstance(RequestedAction.FindAll(action)[0].Name) ? instance : null, source);

    private static readonly Arbitrary<(List<NamedPolicy> Policies, NamedPolicy More, AccessRequest Request, bool IsOwner)> Cases = (
        from policies in Policy.ListOf()
        from more in Policy
        from request in Request
        from isOwner in Gen.Elements(false, false, true)
        select (policies.Take(4).ToList(), more, request, isOwner)).ToArbitrary();

    [Fact]
    public void Deny_NeverLoses() => Check((policies, more, request, isOwner) =>
    {
        var denied = policies.SelectMany(policy => policy.Document.Statements.Select(statement => new NamedPolicy("one", policy.Document with { Statements = [statement] })))
            .Any(one => one.Document.Statements[0].Effect == Effect.Deny && !Allowed(isOwner: true, [one], request));
        return !denied || !Allowed(isOwner, [.. policies, more], request);
    });

    [Fact]
    public void Order_DoesNotMatter() => Check((policies, more, request, isOwner) =>
        Allowed(isOwner, [.. policies, more], request) == Allowed(isOwner, [.. Enumerable.Reverse([.. policies, more]).Select(Reversed)], request));

    [Fact]
    public void MoreAllows_NeverTakeAway_AndMoreDeniesNeverGive() => Check((policies, more, request, isOwner) =>
    {
        var before = Allowed(isOwner, policies, request);
        return (!before || Allowed(isOwner, [.. policies, Only(more, Effect.Allow)], request)) && (before || !Allowed(isOwner, [.. policies, Only(more, Effect.Deny)], request));
    });

    [Fact]
    public void WithoutAnAllow_NothingIsAllowed() => Check((policies, more, request, _) =>
        !Allowed(isOwner: false, [.. policies.Append(more).Select(policy => Only(policy, Effect.Deny))], request));

    [Fact]
    public void WhatIsAllowed_MayBeAllowed() => Check((policies, more, request, isOwner) =>
        !Allowed(isOwner, [.. policies, more], request) || new Rights(isOwner, [.. policies, more]).MayAllow(request.Action));

    /// <summary>Else the answer to an id that nobody has would tell which others there are.</summary>
    [Fact]
    public void WhatIsAllowedWithAnInstanceThatThereIsNot_IsAllowedWithEveryOneOfThatId() => Check((policies, more, request, isOwner) =>
        new[] { PolicyCase.Orders, PolicyCase.Events }.All(instance =>
            !Allowed(isOwner, [.. policies, more], request with { Resource = AccessResource.OfMissing(instance.Id, PolicyCase.Project) })
            || Allowed(isOwner, [.. policies, more], request with { Resource = AccessResource.Of(instance, PolicyCase.Project) })));

    private static void Check(Func<List<NamedPolicy>, NamedPolicy, AccessRequest, bool, bool> holds) => FsCheck.Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(3000), Prop.ForAll(Cases, one => holds(one.Policies, one.More, one.Request, one.IsOwner)));

    private static bool Allowed(bool isOwner, IReadOnlyList<NamedPolicy> policies, AccessRequest request) => new Rights(isOwner, policies).Decide(request).IsAllowed;

    private static NamedPolicy Reversed(NamedPolicy policy) => policy with { Document = policy.Document with { Statements = [.. policy.Document.Statements.Reverse()] } };

    private static NamedPolicy Only(NamedPolicy policy, Effect effect) =>
        policy with { Document = policy.Document with { Statements = [.. policy.Document.Statements.Where(statement => statement.Effect == effect)] } };
}
