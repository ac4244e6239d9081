using Keyturn.Access;
using Keyturn.Access.Policies;

namespace Keyturn.Storage.Tests.Stores;

public abstract class PolicyStoreTests(StoreKind kind) : StoreContract(kind)
{
    private const string Document = """{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["*"]}]}""";

    private static readonly byte[] Hash = [7, 7, 7];

    private IPolicyStore Policies => Test.Store.Policies;

    [Fact]
    public async Task ListOf_OwnAndThoseOfGroups_EachOnceByName()
    {
        var (own, both, group) = (await AddAsync("b-own"), await AddAsync("a-both"), await AddGroupAsync("dba"));
        await AttachAsync(own, Test.PrincipalId);
        await AttachAsync(both, Test.PrincipalId);
        await AttachAsync(both, group.Id, isGroup: true);
        (await Policies.AddMemberAsync(group.Id, Test.PrincipalId, Test.Audit("group.add-member"), default)).ShouldBeTrue();
        await AddAsync("c-nobodys");
        await Test.ReopenAsync();

        (await Policies.ListOfAsync(Test.PrincipalId, default)).ShouldBe([both, own]);
        (await Policies.ListOfAsync(Guid.NewGuid(), default)).ShouldBeEmpty();
        (await Policies.FindGroupAsync(Test.ProjectId, "dba", default))!.Members.ShouldBe(["tester"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Lookup_OfACredential_SaysWhetherThereArePolicies(bool byGroup)
    {
        var token = new PrincipalCredential(Guid.NewGuid(), Test.PrincipalId, CredentialKind.Token, "t", Test.Clock.Now);
        await Test.Store.Principals.AddCredentialAsync(token, new CredentialMaterial(Hash), audit: null, default);
        (await HasPoliciesAsync()).ShouldBeFalse();
        var (policy, group) = (await AddAsync("p"), await AddGroupAsync("dba"));
        await Policies.AddMemberAsync(group.Id, Test.PrincipalId, Test.Audit("group.add-member"), default);
        (await HasPoliciesAsync()).ShouldBeFalse("the group has none");

        await AttachAsync(policy, byGroup ? group.Id : Test.PrincipalId, byGroup);
        (await HasPoliciesAsync()).ShouldBeTrue();

        (await Policies.RemoveAsync(policy.Id, Test.Audit("policy.remove"), default)).ShouldBeTrue();
        (await HasPoliciesAsync()).ShouldBeFalse();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ReachesOwner_ByItselfOrByAGroup_AndOfNobodyElse(bool byGroup)
    {
        var owner = new Principal(Guid.NewGuid(), Test.ProjectId, "owner", Test.Clock.Now) { IsOwner = true };
        var other = new Principal(Guid.NewGuid(), Test.ProjectId, "other", Test.Clock.Now);
        await Test.Store.Principals.AddAsync(owner, audit: null, default);
        await Test.Store.Principals.AddAsync(other, audit: null, default);
        var (policy, group) = (await AddAsync("p"), await AddGroupAsync("dba"));
        await Policies.AddMemberAsync(group.Id, other.Id, Test.Audit("group.add-member"), default);
        await AttachAsync(policy, byGroup ? group.Id : other.Id, byGroup);
        (await Policies.HasOwnerAsync(group.Id, default)).ShouldBeFalse();
        (await Policies.ReachesOwnerAsync(policy.Id, default)).ShouldBeFalse();

        if (byGroup)
        {
            await Policies.AddMemberAsync(group.Id, owner.Id, Test.Audit("group.add-member"), default);
        }
        else
        {
            await AttachAsync(policy, owner.Id);
        }

        (await Policies.HasOwnerAsync(group.Id, default)).ShouldBe(byGroup);
        (await Policies.ReachesOwnerAsync(policy.Id, default)).ShouldBeTrue();
    }

    [Fact]
    public async Task Find_ShowsWhoHasIt_AndAnotherProjectDoesNotSeeIt()
    {
        var (policy, group) = (await AddAsync("p"), await AddGroupAsync("dba"));
        await AttachAsync(policy, Test.PrincipalId);
        await AttachAsync(policy, Test.PrincipalId);
        await AttachAsync(policy, group.Id, isGroup: true);

        var found = (await Policies.FindAsync(Test.ProjectId, "p", default)).ShouldNotBeNull();

        (found.Policy, found.Principals.Single(), found.Groups.Single()).ShouldBe((policy, "tester", "dba"));
        (await Policies.FindAsync(Guid.NewGuid(), "p", default)).ShouldBeNull();
        (await Policies.ListAsync(Guid.NewGuid(), default)).ShouldBeEmpty();
        (await Policies.ListGroupsAsync(Guid.NewGuid(), default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Names_AreUnique_AndWhatIsGoneIsNotAttached()
    {
        var policy = await AddAsync("p");
        var group = await AddGroupAsync("dba");
        (await Policies.AddAsync(policy with { Id = Guid.NewGuid() }, Test.Audit("policy.add"), default)).ShouldBeFalse();
        (await Policies.AddGroupAsync(group with { Id = Guid.NewGuid() }, Test.Audit("group.add"), default)).ShouldBeFalse();
        (await Policies.ChangeAsync((await AddAsync("q")) with { Name = "p" }, Test.Audit("policy.change"), default)).ShouldBeFalse();
        (await Policies.ChangeAsync(policy with { Name = "r", Document = "{}" }, Test.Audit("policy.change"), default)).ShouldBeTrue();
        (await Policies.FindAsync(Test.ProjectId, "r", default))!.Policy.Document.ShouldBe("{}");

        (await Policies.AttachAsync(Guid.NewGuid(), Test.PrincipalId, isGroup: false, Test.Audit("policy.attach"), default)).ShouldBeFalse();
        (await Policies.AttachAsync(policy.Id, Guid.NewGuid(), isGroup: false, Test.Audit("policy.attach"), default)).ShouldBeFalse();
        (await Policies.AttachAsync(policy.Id, Guid.NewGuid(), isGroup: true, Test.Audit("policy.attach"), default)).ShouldBeFalse();
        (await Policies.AddMemberAsync(group.Id, Guid.NewGuid(), Test.Audit("group.add-member"), default)).ShouldBeFalse();
        (await Policies.DetachAsync(policy.Id, Test.PrincipalId, isGroup: false, Test.Audit("policy.detach"), default)).ShouldBeFalse();
        (await Policies.RemoveMemberAsync(group.Id, Test.PrincipalId, Test.Audit("group.remove-member"), default)).ShouldBeFalse();
    }

    [Fact]
    public async Task RemoveGroup_ItsMembersStay_WithoutItsPolicies()
    {
        var (policy, group) = (await AddAsync("p"), await AddGroupAsync("dba"));
        await AttachAsync(policy, group.Id, isGroup: true);
        await Policies.AddMemberAsync(group.Id, Test.PrincipalId, Test.Audit("group.add-member"), default);

        (await Policies.RemoveGroupAsync(group.Id, Test.Audit("group.remove"), default)).ShouldBeTrue();

        (await Policies.ListOfAsync(Test.PrincipalId, default)).ShouldBeEmpty();
        (await Test.Store.Principals.FindAsync(Test.PrincipalId, default)).ShouldNotBeNull();
        (await Policies.RemoveGroupAsync(group.Id, Test.Audit("group.remove"), default)).ShouldBeFalse();
    }

    [Fact]
    public async Task EveryChange_IsAudited_AndWhatChangedNothingIsNot()
    {
        var policy = await AddAsync("p");
        await Policies.AddAsync(policy with { Id = Guid.NewGuid() }, Test.Audit("policy.twice"), default);
        await AttachAsync(policy, Test.PrincipalId);

        // A second row of the refused one would stand between them.
        (await Test.Store.Audit.ListAsync(Test.ProjectId, 2, default)).Select(row => row.Entry.Action).ShouldBe(["policy.attach", "policy.add"]);
    }

    private async Task<bool> HasPoliciesAsync() => (await Test.Store.Principals.FindByHashAsync(CredentialKind.Token, Hash, default))!.HasPolicies;

    private async Task<AccessPolicy> AddAsync(string name)
    {
        var policy = new AccessPolicy(Guid.NewGuid(), Test.ProjectId, name, Document, Test.Clock.Now);
        (await Policies.AddAsync(policy, Test.Audit("policy.add"), default)).ShouldBeTrue();
        return policy;
    }

    private async Task<PrincipalGroup> AddGroupAsync(string name)
    {
        var group = new PrincipalGroup(Guid.NewGuid(), Test.ProjectId, name, Test.Clock.Now);
        (await Policies.AddGroupAsync(group, Test.Audit("group.add"), default)).ShouldBeTrue();
        return group;
    }

    private async Task AttachAsync(AccessPolicy policy, Guid holder, bool isGroup = false) =>
        (await Policies.AttachAsync(policy.Id, holder, isGroup, Test.Audit("policy.attach"), default)).ShouldBeTrue();
}

public sealed class SqlitePolicyStoreTests() : PolicyStoreTests(StoreKind.Sqlite);

public sealed class PostgreSqlPolicyStoreTests() : PolicyStoreTests(StoreKind.PostgreSql);
