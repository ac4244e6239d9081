using System.Text;
using Keyturn.Cli.Fleet;

namespace Keyturn.Cli.Tests.Fleet;

public sealed class YamlReaderTests
{
    private const string Sample =
        """
        # a comment
        shared: &tls {mode: verify-full, ca_file: "ca.pem"}
        instances:
          - name: orders
            engine: postgresql
            nodes:
              - {host: db1, port: 5432, role: primary}
              - host: "::1"
                port: 5433
            tls: *tls
            admin: {user: 'keyturn', password_file: /run/secrets/admin}
            tags: {"team": "pay\u00E9", other: ~}
            password_policy:
              specials: "-_.~!*+"
        ---
        instances:
          - name: x
            note: |
              text
              of lines
        """;

    [Theory]
    [InlineData("a: 1\nb: [", 3, "")]
    [InlineData("a: 1\na: 2", 2, "The key a is here twice.")]
    [InlineData("a: 1\nb: {c: 1, c: 2}", 2, "The key c is here twice.")]
    [InlineData("a: *nowhere", 1, "There is no anchor nowhere")]
    [InlineData("a: &self [*self]", 1, "or this is inside of it")]
    [InlineData("a: &x 1\n---\nb: *x", 3, "There is no anchor x")]
    [InlineData("a: !!python/object:os.system x", 1, "are not understood")]
    [InlineData("a: !secret x", 1, "are not understood")]
    [InlineData("? [a, b]\n: 1", 1, "A key is one word.")]
    [InlineData("a: \"\\uD83D\"", 1, "")]
    [InlineData("a:\n\tb: 1", 1, "")]
    [InlineData("a: b: c", 1, "")]
    [InlineData("%YAML 9.9\n---\na: 1", 1, "")]
    public void Read_WhatIsNoYaml_SaysWhere(string text, int line, string sentence)
    {
        var (documents, fault) = YamlReader.Read("fleet.yaml", Encoding.UTF8.GetBytes(text));

        documents.ShouldBeEmpty();
        fault.ShouldNotBeNull().At.Line.ShouldBe(line, fault.Sentence);
        fault.Sentence.ShouldContain(sentence);
        fault.Sentence.ShouldEndWith(".");
    }

    [Fact]
    public void Read_AliasesOfAliases_AreCountedWrittenOut()
    {
        var bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 10; i++)
        {
            bomb.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");
        }

        var (documents, fault) = YamlReader.Read("fleet.yaml", Encoding.UTF8.GetBytes(bomb.ToString()));

        documents.ShouldBeEmpty();
        fault.ShouldNotBeNull().Sentence.ShouldContain("more than 100000 values");
    }

    [Theory]
    [InlineData('[')]
    [InlineData('{')]
    [InlineData('-')]
    public void Read_EndlessDepth_IsRefusedAndNoStackOverflow(char opening)
    {
        var deep = string.Concat(Enumerable.Repeat(opening == '-' ? "- " : opening == '{' ? "{a: " : "[", 100_000));

        var (_, fault) = YamlReader.Read("fleet.yaml", Encoding.UTF8.GetBytes(deep));

        fault.ShouldNotBeNull().Sentence.ShouldContain("deeper than 20");
    }

    [Fact]
    public void Read_TooManyBytesOrNoUtf8_IsRefused()
    {
        YamlReader.Read("f", new byte[YamlReader.MaxBytes + 1]).Fault.ShouldNotBeNull().Sentence.ShouldContain("bytes");
        YamlReader.Read("f", [0x61, 0xFF, 0xFE]).Fault.ShouldNotBeNull().Sentence.ShouldBe("The file is not UTF-8.");
    }

    [Fact]
    public void Read_Json_IsYaml()
    {
        var (documents, fault) = YamlReader.Read("f", "{\n\t\"a\": [true, 1, null, \"\\u00e9\\/\\\"\"],\n\t\"b\": {}\n}"u8);

        fault.ShouldBeNull();
        var list = documents.ShouldHaveSingleItem().ShouldBeOfType<YamlMapping>().Members[0].Value.ShouldBeOfType<YamlSequence>();
        list.Items[2].IsNull.ShouldBeTrue();
        list.Items[3].ShouldBeOfType<YamlScalar>().Text.ShouldBe("é/\"");
    }

    /// <summary>Whatever a file is made of: it is read or it has a fault at a place that it has, and nothing else comes of it.</summary>
    [Theory]
    [InlineData(1u)]
    [InlineData(4711u)]
    [InlineData(90210u)]
    public void Read_BrokenInAnyWay_HasAFaultAtAPlaceOrIsRead(uint seed)
    {
        var dice = new Dice(seed);
        var sample = Encoding.UTF8.GetBytes(Sample);
        YamlReader.Read("fleet.yaml", sample).Documents.Count.ShouldBe(2);
        var (read, refused) = (0, 0);
        for (var i = 0; i < 3_000; i++)
        {
            var broken = Break(sample, dice);
            var (documents, fault) = YamlReader.Read("fleet.yaml", broken);
            var lines = broken.Count(value => value is (byte)'\n' or (byte)'\r') + Encoding.UTF8.GetString(broken).Count(c => c is '\u0085' or '\u2028' or '\u2029') + 2;
            (fault is null || (fault.At.Line >= 1 && fault.At.Line <= lines && fault.At.Column >= 1 && documents.Count == 0)).ShouldBeTrue($"{fault}");
            new FleetReader().Read("fleet.yaml", "/nowhere", broken);
            (read, refused) = fault is null ? (read + 1, refused) : (read, refused + 1);
        }

        // Both happen, else it tries nothing.
        read.ShouldBeGreaterThan(100);
        refused.ShouldBeGreaterThan(100);
    }

    private static byte[] Break(byte[] sample, Dice dice)
    {
        var bytes = sample.ToList();
        var marks = "{}[]:,-&*!|>'\"%@`#?\n\t \\~<\u0000\u0085"u8.ToArray();
        for (var times = dice.Next(4) + 1; times > 0; times--)
        {
            var at = dice.Next(bytes.Count);
            switch (dice.Next(5))
            {
                case 0:
                    bytes[at] = marks[dice.Next(marks.Length)];
                    break;
                case 1:
                    bytes.Insert(at, marks[dice.Next(marks.Length)]);
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(dice.Next(9) + 1, bytes.Count - at));
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(dice.Next(60), bytes.Count - at)));
                    break;
                default:
                    bytes[at] = (byte)dice.Next(256);
                    break;
            }
        }

        return [.. bytes];
    }

    /// <summary>The same throws for the same seed.</summary>
    private sealed class Dice(uint seed)
    {
        private uint _state = seed;

        public int Next(int below)
        {
            _state ^= _state << 13;
            _state ^= _state >> 17;
            _state ^= _state << 5;
            return (int)(_state % (uint)below);
        }
    }
}
