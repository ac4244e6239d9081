using Keyturn.Engines.MongoDb;

namespace Keyturn.Engines.Tests.MongoDb;

public sealed class ConnectionStringTests
{
    [Theory]
    [InlineData("mongodb://h1", "h1:27017")]
    [InlineData("mongodb://h1:27018,h2/", "h1:27018 h2:27017")]
    [InlineData("MongoDB://[::1]:27019,[2001:db8::1]/?replicaSet=rs0", "[::1]:27019 [2001:db8::1]:27017")]
    [InlineData("mongodb://%2Ftmp%2Fmongodb-27017.sock/admin", "/tmp/mongodb-27017.sock:27017")]
    [InlineData("mongodb://127.0.0.1:27017/?directConnection=true&serverSelectionTimeoutMS=2000&appName=mongosh+2.3.1", "127.0.0.1:27017")]
    [InlineData("mongodb://h1/?retryWrites=true&w=majority&appName=x&unknown=1&authMechanism=SCRAM-SHA-256", "h1:27017")]
    public void Parse_Hosts_AreItsSeeds(string text, string nodes) =>
        string.Join(' ', ConnectionString.Parse(text).Value.ShouldNotBeNull().Hosts).ShouldBe(nodes);

    [Theory]
    [InlineData("mongodb://h1", null)]
    [InlineData("mongodb://h1/reports", "reports")]
    [InlineData("mongodb://h1/reports?authSource=other", "other")]
    [InlineData("mongodb://h1/?AUTHSOURCE=a%2Db", "a-b")]
    public void Parse_Database_IsTheAdmins(string text, string? database) => ConnectionString.Parse(text).Value.ShouldNotBeNull().AuthDatabase.ShouldBe(database);

    [Theory]
    [InlineData("mongodb://h1", null)]
    [InlineData("mongodb://h1/?tls=true", true)]
    [InlineData("mongodb://h1/?ssl=false", false)]
    [InlineData("mongodb+srv://db.example.com", true)]
    [InlineData("mongodb+srv://db.example.com/?tls=false", false)]
    public void Parse_Tls_IsWhatItSays(string text, bool? tls) => ConnectionString.Parse(text).Value.ShouldNotBeNull().Tls.ShouldBe(tls);

    [Theory]
    [InlineData("mongodb://user:canary@h1/")]
    [InlineData("mongodb://user@h1/")]
    [InlineData("mongodb://")]
    [InlineData("mongodb://h1,,h2")]
    [InlineData("mongodb://h1:0")]
    [InlineData("mongodb://h1:65536")]
    [InlineData("mongodb://h1:port")]
    [InlineData("mongodb://::1")]
    [InlineData("mongodb://[h1]")]
    [InlineData("mongodb://h 1")]
    [InlineData("mongodb://h1/?tls=maybe")]
    [InlineData("mongodb://h1/?authSource=")]
    [InlineData("mongodb://h1/?tlsInsecure=true")]
    [InlineData("mongodb://h1/?tlsallowinvalidcertificates=true")]
    [InlineData("mongodb://h1/?tlsAllowInvalidHostnames=true")]
    [InlineData("mongodb://h1/?tlsCAFile=/ca.pem")]
    [InlineData("mongodb://h1/?loadBalanced=true")]
    [InlineData("mongodb://h1/?authMechanism=PLAIN")]
    [InlineData("mongodb+srv://db.example.com:27017")]
    [InlineData("mongodb+srv://one.example.com,two.example.com")]
    [InlineData("mongodb+srv://example.com")]
    [InlineData("postgresql://h1")]
    public void Parse_WhatCannotBeUsed_IsRefusedAndNotRepeated(string text)
    {
        var failure = ConnectionString.Parse(text).Failure.ShouldNotBeNull();

        failure.Error.ShouldBe(EngineError.InvalidName);
        failure.Detail.ShouldNotContain("canary");
    }
}
