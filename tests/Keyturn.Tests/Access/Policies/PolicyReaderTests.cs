using Keyturn.Access.Policies;

namespace Keyturn.Tests.Access.Policies;

public sealed class PolicyReaderTests
{
    [Fact]
    public void Read_WholePolicy_IsWhatItSays()
    {
        var document = PolicyReader.Read("""
            {"Version":"5.0","Statement":[
             {"Sid":"ResetOnlyInTest","Effect":"Allow","Action":["ddm:instance:updateUser","gaussdbformysql:instance:modifyPassword"],
              "Resource":["ddm:*:*:instance:*","gaussdbformysql:*:*:instance:*"],
              "Condition":{"StringEquals":{"g:ResourceTag/stage":["test"]}}},
             {"Effect":"Deny","NotAction":["keyturn:*:*"]}]}
            """).Document.ShouldNotBeNull();

        document.Kind.ShouldBe(PolicyKind.Identity);
        (document.Statements[0].Sid, document.Statements[0].Effect, document.Statements[0].AllOtherActions).ShouldBe(("ResetOnlyInTest", Effect.Allow, false));
        document.Statements[0].Actions.Select(action => action.Pattern).ShouldBe(["ddm:instance:updateUser", "gaussdbformysql:instance:modifyPassword"]);
        document.Statements[0].Resources.Select(resource => resource.Text).ShouldBe(["ddm:*:*:instance:*", "gaussdbformysql:*:*:instance:*"]);
        var condition = document.Statements[0].Conditions.ShouldHaveSingleItem();
        (condition.Operator.Name, condition.Key, condition.Values[0]).ShouldBe(("StringEquals", "g:ResourceTag/stage", "test"));
        (document.Statements[1].Effect, document.Statements[1].AllOtherActions, document.Statements[1].Resources.Count).ShouldBe((Effect.Deny, true, 0));
    }

    [Theory]
    [InlineData("", "no JSON")]
    [InlineData("[]", "The policy is a JSON object")]
    [InlineData("""{"Version":"5.0","Statement":[{"Effect":"\ud800","Action":["*"]}]}""", "half a surrogate pair")]
    [InlineData("""{"Version":"5.0","\udc00":1,"Statement":[{"Effect":"Allow","Action":["*"]}]}""", "half a surrogate pair")]
    [InlineData("{}", "has a text Version")]
    [InlineData("""{"Version":"5.0"}""", "has an array Statement")]
    [InlineData("""{"Version":"5.0","Statement":[]}""", "at least one Statement")]
    [InlineData("""{"Version":"1.0","Statement":[{"Effect":"Allow","Action":["*"]}]}""", "\"5.0\" or \"1.1\"")]
    [InlineData("""{"Version":"5.0","Version":"1.1","Statement":[{"Effect":"Allow","Action":["*"]}]}""", "no JSON")]
    [InlineData("""{"Version":"5.0","Depends":[],"Statement":[{"Effect":"Allow","Action":["*"]}]}""", "member Depends")]
    [InlineData("""{"Version":"5.0","Statement":[{"Effect":"allow","Action":["*"]}]}""", "\"Allow\" or \"Deny\"")]
    [InlineData("""{"Version":"5.0","Statement":[{"Effect":"Allow"}]}""", "either Action or NotAction")]
    [InlineData("""{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["*"],"NotAction":["*"]}]}""", "either Action or NotAction")]
    [InlineData("""{"Version":"5.0","Statement":[{"Effect":"Allow","Action":[]}]}""", "Action names nothing")]
    [InlineData("""{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["reset"]}]}""", "\"reset\" is not an action")]
    [InlineData("""{"Version":"5.0","Statement":[{"Effect":"Allow","Action":[7]}]}""", "7 is not an action")]
    [InlineData("""{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["*"],"Resource":["orders"]}]}""", "\"orders\" is not a resource")]
    [InlineData("""{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["*"],"Principal":"x"}]}""", "member Principal")]
    [InlineData("""{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["*"],"Condition":{"StringIs":{"g:UserName":["x"]}}}]}""", "no operator StringIs")]
    [InlineData("""{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["*"],"Condition":{"StringEquals":{"g:Nothing":["x"]}}}]}""", "no request has a value called g:Nothing")]
    [InlineData("""{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["*"],"Condition":{"StringEquals":{"g:RequestTag/":["x"]}}}]}""", "no request has a value called g:RequestTag/")]
    [InlineData("""{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["*"],"Condition":{"NumberLessThan":{"g:MFAAge":["soon"]}}}]}""", "\"soon\" is not a value")]
    [InlineData("""{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["*"],"Condition":{"ForAnyValue:StringEquals":{"g:TagKeys":["x"]}}}]}""", "no operator ForAnyValue:StringEquals")]
    [InlineData("""{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["*"],"Condition":{"DateLessThan":{"g:CurrentTime":["tomorrow"]}}}]}""", "\"tomorrow\" is not a value")]
    [InlineData("""{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["*"],"Condition":{"IpAddress":{"g:SourceIp":["10.0.0.0/40"]}}}]}""", "\"10.0.0.0/40\" is not a value")]
    [InlineData("""{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["*"],"Condition":{"Bool":{"g:MFAPresent":[true]}}}]}""", "true is not a value")]
    [InlineData("""{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["*"],"Condition":[]}]}""", "object of operators")]
    public void Read_SomethingWrong_SaysWhat(string json, string sentence)
    {
        var reading = PolicyReader.Read(json);

        reading.Document.ShouldBeNull();
        reading.Violations.Select(violation => violation.Sentence).ShouldContain(text => text.Contains(sentence, StringComparison.Ordinal), json);
    }

    [Fact]
    public void Read_TooLongOrTooDeep_IsRefused()
    {
        PolicyReader.Read(new string(' ', PolicyReader.MaxLength + 1)).Violations.ShouldHaveSingleItem().Sentence.ShouldContain("6144");
        PolicyReader.Read($"{new string('[', 3000)}{new string(']', 3000)}").Violations.ShouldHaveSingleItem().Sentence.ShouldContain("no JSON");
    }

    [Fact]
    public void UnknownActions_AreThoseOfNoService()
    {
        var document = PolicyReader.Read("""{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["ecs:*:*","keyturn:account:rest","ddm:user:modify","*:*:*"]}]}""").Document!;

        document.UnknownActions().ShouldBe(["ecs:*:*", "keyturn:account:rest", "ddm:user:modify"]);
    }

    [Fact]
    public void KeysWithoutValue_AreTheProvidersOwn()
    {
        var document = PolicyReader.Read("""
            {"Version":"5.0","Statement":[{"Effect":"Allow","Action":["*"],"Condition":{"Bool":{"g:MFAPresent":["true"]},"NumberLessThan":{"g:MFAAge":["900"]}}},
             {"Effect":"Deny","Action":["*"],"Condition":{"StringEquals":{"g:RequestTag/stage":["live"],"g:TagKeys":["stage"],"g:ResourceTag/stage":["live"]},"Null":{"g:TagKeys":["true"]}}}]}
            """).Document.ShouldNotBeNull();

        document.KeysWithoutValue().ShouldBe(["g:MFAAge", "g:RequestTag/stage", "g:TagKeys"]);
    }

    [Theory]
    [InlineData("*", "", true)]
    [InlineData("a*", "a", true)]
    [InlineData("a*b*c", "aXXbYYc", true)]
    [InlineData("a*b*c", "aXXbYY", false)]
    [InlineData("?b", "ab", true)]
    [InlineData("?", "", false)]
    [InlineData("A", "a", true)]
    [InlineData("", "a", false)]
    [InlineData("**a", "bca", true)]
    public void Wildcard_Matches_AsItSays(string pattern, string text, bool matches) => new Wildcard(pattern).Matches(text).ShouldBe(matches);

    [Fact]
    public void Wildcard_ManyStars_TakeNoTime() => new Wildcard(string.Concat(Enumerable.Repeat("a*", 2000)) + "b").Matches(new string('a', 5000)).ShouldBeFalse();
}
