using Keyturn.Access;
using Keyturn.Access.Policies;

namespace Keyturn.Tests.Access.Policies;

public sealed class RightsTests
{
    /// <summary>What a non-owner with one policy may do: the statements, the language, the action, the instance, whether it is allowed.</summary>
    [Theory]
    // Nothing allows it.
    [InlineData("""{"Effect":"Deny","Action":["ecs:*:*"]}""", "5.0", "keyturn:account:reset", "orders", false)]
    // Keyturn's own names, with wildcards and in any letter case.
    [InlineData("""{"Effect":"Allow","Action":["keyturn:account:reset"]}""", "5.0", "keyturn:account:reset", "orders", true)]
    [InlineData("""{"Effect":"Allow","Action":"keyturn:ACCOUNT:*"}""", "5.0", "keyturn:account:check", "events", true)]
    [InlineData("""{"Effect":"Allow","Action":["keyturn:account:*"]}""", "5.0", "keyturn:instance:read", "orders", false)]
    [InlineData("""{"Effect":"Allow","Action":["*:*:*"]}""", "1.1", "keyturn:instance:read", "orders", true)]
    [InlineData("""{"Effect":"Allow","Action":["*"]}""", "5.0", "keyturn:policy:manage", null, true)]
    // What a provider's name allows, it allows at that provider's door.
    [InlineData("""{"Effect":"Allow","Action":["ddm:instance:updateUser"]}""", "5.0", "ddm:instance:updateUser", "orders", true)]
    [InlineData("""{"Effect":"Allow","Action":["ddm:instance:updateUser"]}""", "5.0", "keyturn:account:reset", "orders", false)]
    [InlineData("""{"Effect":"Allow","Action":["ddm:instance:updateUser"]}""", "5.0", "gaussdbformysql:user:updatePassWord", "orders", false)]
    [InlineData("""{"Effect":"Allow","Action":["gaussdbformysql:instance:modifyPassword"]}""", "5.0", "gaussdbformysql:user:updatePassWord", "orders", false)]
    [InlineData("""{"Effect":"Allow","Action":["keyturn:account:reset"]}""", "5.0", "ddm:instance:updateUser", "orders", true)]
    // What it denies, it denies at every door, of the engines that the provider has.
    [InlineData("""{"Effect":"Allow","Action":["*"]},{"Effect":"Deny","Action":["ddm:instance:updateUser"]}""", "5.0", "keyturn:account:reset", "orders", false)]
    [InlineData("""{"Effect":"Allow","Action":["*"]},{"Effect":"Deny","Action":["ddm:instance:updateUser"]}""", "5.0", "gaussdbformysql:instance:modifyPassword", "orders", false)]
    [InlineData("""{"Effect":"Allow","Action":["*"]},{"Effect":"Deny","Action":["ddm:instance:updateUser"]}""", "5.0", "dds:instance:resetPasswd", "events", true)]
    // The older language has the older names, and its reset may also check.
    [InlineData("""{"Effect":"Allow","Action":["ddm:user:modify"]}""", "1.1", "ddm:instance:updateUser", "orders", true)]
    [InlineData("""{"Effect":"Allow","Action":["ddm:user:modify"]}""", "5.0", "ddm:instance:updateUser", "orders", false)]
    [InlineData("""{"Effect":"Allow","Action":["dds:instance:resetPasswd"]}""", "1.1", "dds:instance:checkPassword", "events", true)]
    [InlineData("""{"Effect":"Allow","Action":["dds:instance:resetPasswd"]}""", "5.0", "dds:instance:checkPassword", "events", false)]
    [InlineData("""{"Effect":"Allow","Action":["dds:instance:checkPassword"]}""", "5.0", "dds:instance:resetPasswd", "events", false)]
    // NotAction.
    [InlineData("""{"Effect":"Allow","NotAction":["keyturn:account:reveal"]}""", "5.0", "keyturn:account:reset", "orders", true)]
    [InlineData("""{"Effect":"Allow","NotAction":["keyturn:account:reveal"]}""", "5.0", "keyturn:account:reveal", "orders", false)]
    [InlineData("""{"Effect":"Allow","NotAction":["ddm:instance:updateUser"]}""", "5.0", "keyturn:account:reset", "orders", false)]
    [InlineData("""{"Effect":"Allow","Action":["*"]},{"Effect":"Deny","NotAction":["ddm:instance:updateUser"]}""", "5.0", "ddm:instance:updateUser", "orders", true)]
    [InlineData("""{"Effect":"Allow","Action":["*"]},{"Effect":"Deny","NotAction":["ddm:instance:updateUser"]}""", "5.0", "keyturn:account:reset", "orders", false)]
    // Resources: by id in each form, by name, by region and account.
    [InlineData("""{"Effect":"Allow","Action":["*"],"Resource":["keyturn:*:*:instance:orders"]}""", "5.0", "keyturn:account:reset", "orders", true)]
    [InlineData("""{"Effect":"Allow","Action":["*"],"Resource":["keyturn:*:*:instance:ord*"]}""", "5.0", "keyturn:account:reset", "events", false)]
    [InlineData("""{"Effect":"Allow","Action":["*"],"Resource":["keyturn:eu-nl:acme:instance:0198bbbb-0000-7000-8000-000000000001"]}""", "5.0", "keyturn:account:reset", "orders", true)]
    [InlineData("""{"Effect":"Allow","Action":["*"],"Resource":["keyturn:eu-de:acme:instance:*"]}""", "5.0", "keyturn:account:reset", "orders", false)]
    [InlineData("""{"Effect":"Allow","Action":["*"],"Resource":["keyturn:*:other:instance:*"]}""", "5.0", "keyturn:account:reset", "orders", false)]
    [InlineData("""{"Effect":"Allow","Action":["*"],"Resource":["keyturn:::instance:*"]}""", "5.0", "keyturn:account:reset", "orders", true)]
    [InlineData("""{"Effect":"Allow","Action":["ddm:*:*"],"Resource":["ddm:*:*:instance:0198bbbb000070008000000000000001in09"]}""", "5.0", "ddm:instance:updateUser", "orders", true)]
    [InlineData("""{"Effect":"Allow","Action":["*"],"Resource":["ddm:*:*:instance:*"]}""", "5.0", "keyturn:account:reset", "orders", false)]
    [InlineData("""{"Effect":"Allow","Action":["*"]},{"Effect":"Deny","Action":["*"],"Resource":["ddm:*:*:instance:*"]}""", "5.0", "keyturn:account:reset", "orders", false)]
    [InlineData("""{"Effect":"Allow","Action":["*"],"Resource":["keyturn:*:*:principal:*"]}""", "5.0", "keyturn:principal:read", null, true)]
    [InlineData("""{"Effect":"Allow","Action":["*"],"Resource":["keyturn:*:*:instance:*"]}""", "5.0", "keyturn:principal:read", null, false)]
    // Conditions: all of a statement must hold.
    [InlineData("""{"Effect":"Allow","Action":["*"],"Condition":{"StringEquals":{"g:ResourceTag/stage":["prod","test"]}}}""", "5.0", "keyturn:account:reset", "orders", true)]
    [InlineData("""{"Effect":"Allow","Action":["*"],"Condition":{"StringEquals":{"g:ResourceTag/stage":["test"]}}}""", "5.0", "keyturn:account:reset", "events", false)]
    [InlineData("""{"Effect":"Allow","Action":["*"],"Condition":{"StringEqualsIfExists":{"g:ResourceTag/stage":["test"]}}}""", "5.0", "keyturn:account:reset", "events", true)]
    [InlineData("""{"Effect":"Allow","Action":["*"]},{"Effect":"Deny","Action":["*"],"Condition":{"StringNotEquals":{"g:ResourceTag/stage":["test"]}}}""", "5.0", "keyturn:account:reset", "events", false)]
    [InlineData("""{"Effect":"Allow","Action":["*"],"Condition":{"Null":{"g:ResourceTag/stage":["true"]}}}""", "5.0", "keyturn:account:reset", "orders", false)]
    [InlineData("""{"Effect":"Allow","Action":["*"],"Condition":{"StringEquals":{"g:EnterpriseProjectId":["0"]}}}""", "5.0", "keyturn:account:reset", "events", true)]
    [InlineData("""{"Effect":"Allow","Action":["*"]},{"Effect":"Deny","Action":["*:*:*"],"Condition":{"StringEquals":{"g:EnterpriseProjectId":["0b8a5e6e"]}}}""", "5.0", "ddm:instance:updateUser", "orders", false)]
    [InlineData("""{"Effect":"Allow","Action":["*"],"Condition":{"IpAddress":{"g:SourceIp":["10.1.0.0/16"]},"DateLessThan":{"g:CurrentTime":["2026-11-22"]}}}""", "5.0", "keyturn:account:reset", "orders", true)]
    [InlineData("""{"Effect":"Allow","Action":["*"],"Condition":{"IpAddress":{"g:SourceIp":["10.1.0.0/16"]},"DateLessThan":{"g:CurrentTime":["2026-11-21"]}}}""", "5.0", "keyturn:account:reset", "orders", false)]
    [InlineData("""{"Effect":"Allow","Action":["*"],"Condition":{"NotIpAddress":{"g:SourceIp":["10.1.0.0/16"]}}}""", "5.0", "keyturn:account:reset", "orders", false)]
    [InlineData("""{"Effect":"Allow","Action":["*"],"Condition":{"StringStartWith":{"g:UserName":["c"]},"Bool":{"g:MFAPresent":["false"]}}}""", "5.0", "keyturn:account:reset", "orders", true)]
    // Keys that no request has a value for.
    [InlineData("""{"Effect":"Allow","Action":["*"],"Condition":{"NumberLessThan":{"g:MFAAge":["900"]}}}""", "5.0", "keyturn:account:reset", "orders", false)]
    [InlineData("""{"Effect":"Allow","Action":["*"],"Condition":{"NumberLessThanIfExists":{"g:MFAAge":["900"]}}}""", "1.1", "keyturn:account:reset", "orders", true)]
    [InlineData("""{"Effect":"Allow","Action":["*"],"Condition":{"StringEquals":{"g:RequestTag/stage":["test"]}}}""", "5.0", "keyturn:instance:change", "orders", false)]
    [InlineData("""{"Effect":"Allow","Action":["*"],"Condition":{"Null":{"g:TagKeys":["true"]}}}""", "5.0", "keyturn:instance:change", "orders", true)]
    [InlineData("""{"Effect":"Allow","Action":["*"],"Condition":{"StringNotEquals":{"g:TagKeys":["stage"]}}}""", "5.0", "keyturn:instance:change", "orders", true)]
    [InlineData("""{"Effect":"Allow","Action":["*"]},{"Effect":"Deny","Action":["*"],"Condition":{"NumberGreaterThan":{"g:MFAAge":["900"]}}}""", "5.0", "keyturn:account:reset", "orders", true)]
    [InlineData("""{"Effect":"Allow","Action":["*"]},{"Effect":"Deny","Action":["*"],"Condition":{"NumberGreaterThanIfExists":{"g:MFAAge":["900"]}}}""", "5.0", "keyturn:account:reset", "orders", false)]
    public void Decide_OnePolicy_AsTabled(string statements, string version, string action, string? instance, bool isAllowed)
    {
        var rights = new Rights(isOwner: false, [PolicyCase.Of(statements, version)]);
        var requested = RequestedAction.FindAll(action)[0];

        var decision = rights.Decide(PolicyCase.Request(requested, instance switch { "orders" => PolicyCase.Orders, "events" => PolicyCase.Events, _ => null }));

        decision.IsAllowed.ShouldBe(isAllowed, decision.Reason);
        if (isAllowed)
        {
            rights.MayAllow(requested).ShouldBeTrue("what is allowed may be allowed");
        }
    }

    /// <summary>A name, a region, a tag, an enterprise project and an engine are not known of what there is not.</summary>
    [Theory]
    [InlineData("""{"Effect":"Allow","Action":["*"]}""", true)]
    [InlineData("""{"Effect":"Allow","Action":["*"],"Resource":["ddm:*:acme:instance:*"]}""", true)]
    [InlineData("""{"Effect":"Allow","Action":["*"],"Resource":["ddm:*:*:instance:0198cccc000070008000000000000009in09"]}""", true)]
    [InlineData("""{"Effect":"Allow","Action":["*"],"Resource":["ddm:eu-de:*:instance:*"]}""", false)]
    [InlineData("""{"Effect":"Allow","Action":["*"],"Resource":["ddm:*:*:instance:orders"]}""", false)]
    [InlineData("""{"Effect":"Allow","Action":["*"],"Condition":{"StringNotEquals":{"g:EnterpriseProjectId":["0b8a5e6e"]}}}""", false)]
    [InlineData("""{"Effect":"Allow","Action":["*"],"Condition":{"IpAddress":{"g:SourceIp":["10.0.0.0/8"]}}}""", true)]
    [InlineData("""{"Effect":"Allow","Action":["*"]},{"Effect":"Deny","Action":["*"],"Condition":{"StringEquals":{"g:EnterpriseProjectId":["0b8a5e6e"]}}}""", false)]
    [InlineData("""{"Effect":"Allow","Action":["*"]},{"Effect":"Deny","Action":["*"],"Resource":["keyturn:*:*:instance:vault"]}""", false)]
    [InlineData("""{"Effect":"Allow","Action":["*"]},{"Effect":"Deny","Action":["dds:*:*"]}""", false)]
    [InlineData("""{"Effect":"Allow","Action":["*"]},{"Effect":"Deny","Action":["ecs:*:*"]}""", true)]
    public void Decide_InstanceThatThereIsNot_OnlyWhatIsAllowedWithAnyIsAllowed(string statements, bool isAllowed)
    {
        var missing = AccessResource.OfMissing(Guid.Parse("0198cccc-0000-7000-8000-000000000009"), PolicyCase.Project);
        var request = PolicyCase.Request(RequestedAction.FindAll("ddm:instance:updateUser")[0], PolicyCase.Orders) with { Resource = missing };

        new Rights(isOwner: false, [PolicyCase.Of(statements)]).Decide(request).IsAllowed.ShouldBe(isAllowed);
    }

    [Fact]
    public void Decide_WithoutPolicies_OnlyAnOwnerMay()
    {
        var request = PolicyCase.Request(new RequestedAction(KeyturnAction.RevealAccount), PolicyCase.Orders);

        new Rights(isOwner: false, []).Decide(request).IsAllowed.ShouldBeFalse();
        new Rights(isOwner: false, []).MayAllow(request.Action).ShouldBeFalse();
        new Rights(isOwner: true, []).Decide(request).IsAllowed.ShouldBeTrue();
    }

    [Fact]
    public void Decide_OwnerWithADeny_IsDeniedThatOnly()
    {
        var rights = new Rights(isOwner: true, [PolicyCase.Of("""{"Sid":"NoReveal","Effect":"Deny","Action":["keyturn:account:reveal"]}""")]);

        var denied = rights.Decide(PolicyCase.Request(new RequestedAction(KeyturnAction.RevealAccount), PolicyCase.Orders));

        (denied.IsAllowed, denied.Policy, denied.Statement).ShouldBe((false, "p", "NoReveal"));
        rights.Decide(PolicyCase.Request(new RequestedAction(KeyturnAction.ResetAccount), PolicyCase.Orders)).IsAllowed.ShouldBeTrue();
    }

    [Fact]
    public void Decide_StatementWithoutSid_IsNamedByItsPlace()
    {
        var rights = new Rights(isOwner: false, [PolicyCase.Of("""{"Effect":"Allow","Action":["ecs:*:*"]},{"Effect":"Allow","Action":["keyturn:*:*"]}""")]);

        var decision = rights.Decide(PolicyCase.Request(new RequestedAction(KeyturnAction.ReadAudit), instance: null));

        (decision.IsAllowed, decision.Statement).ShouldBe((true, "2"));
    }

    [Fact]
    public void Decide_PolicyThatCannotBeReadAnyMore_DeniesEverything()
    {
        var written = new AccessPolicy(Guid.NewGuid(), PolicyCase.Project.Id, "newer", """{"Version":"6.0","Statement":[{"Effect":"Allow","Action":["*"],"When":"later"}]}""", default);

        new Rights(isOwner: true, [NamedPolicy.Of(written)]).Decide(PolicyCase.Request(new RequestedAction(KeyturnAction.ReadInstance), PolicyCase.Orders)).IsAllowed.ShouldBeFalse();
    }

    [Fact]
    public void EveryActionOfKeyturn_IsFoundByItsName_AndEveryProvidersByAllOfItsNames()
    {
        foreach (var action in KeyturnAction.All)
        {
            RequestedAction.FindAll(action).ShouldBe([new RequestedAction(action)]);
        }

        foreach (var action in ProviderAction.All)
        {
            KeyturnAction.All.ShouldContain(action.Action);
            action.Aliases.ShouldNotBeEmpty();
            foreach (var name in action.Aliases.Prepend(action.Name))
            {
                RequestedAction.FindAll(name).ShouldContain(found => found.Provider == action);
            }
        }
    }

    /// <summary>Names that stand for several actions; the first is what version 5.0 calls so.</summary>
    [Theory]
    [InlineData("ddm:instance:updateUser", KeyturnAction.ResetAccount, KeyturnAction.ChangeAccount)]
    [InlineData("ddm:instance:get", KeyturnAction.ReadInstance, KeyturnAction.ReadReset)]
    [InlineData("gaussdb:user:modify", KeyturnAction.ResetAccount, KeyturnAction.ChangeAccount)]
    [InlineData("dds:instance:resetPasswd", KeyturnAction.ResetAccount, KeyturnAction.CheckAccount)]
    [InlineData("DDS:instance:checkPassword", KeyturnAction.CheckAccount)]
    [InlineData("database:update", KeyturnAction.ResetAccount, KeyturnAction.ChangeAccount)]
    [InlineData("database:read", KeyturnAction.ReadInstance, KeyturnAction.ReadAccount, KeyturnAction.ReadReset)]
    [InlineData("database:*")]
    [InlineData("")]
    public void FindAll_NameOfSeveralActions_HasAll(string name, params string[] actions) => RequestedAction.FindAll(name).Select(action => action.Name).ShouldBe(actions);
}
