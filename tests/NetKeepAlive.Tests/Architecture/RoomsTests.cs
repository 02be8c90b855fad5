using System;
using System.IO;
using System.Linq;
using Xunit;

namespace NetKeepAlive.Tests.Architecture;

/// <summary>The rooms of the core, each of which knows only those above it: docs/maintainers/architecture.md.</summary>
public sealed class RoomsTests
{
    private static readonly string[] Rooms =
    [
        "Interop", "Errors", "Options", "Addresses", "Waiting", "Descriptors", "Events", "Tls", "Sockets", "Opening",
        "Tables", "Holders", "Probing", "Policies",
    ];

    private const int LargestFolder = 20;

    private static readonly Lazy<House> Core = new(static () => House.Read(House.SourceFolder));

    [Fact]
    public void Each_room_knows_only_those_above_it() => Assert.Empty(Core.Value.Upward(Rooms));

    [Fact]
    public void No_two_rooms_know_one_another() => Assert.Empty(Core.Value.RoomCycles());

    [Fact]
    public void Every_room_has_something_in_it()
    {
        string[] folders = Directory.EnumerateDirectories(House.SourceFolder)
            .Select(static it => Path.GetFileName(it)).Where(static it => it is not ("bin" or "obj")).ToArray();
        Assert.Empty(folders.Except(Core.Value.Files.Select(House.RoomOf)));
        Assert.Empty(folders.Except(Rooms));
        Assert.DoesNotContain(Core.Value.Files, static it => House.RoomOf(it).Length == 0);
    }

    [Fact]
    public void No_folder_is_a_heap() => Assert.DoesNotContain(
        Core.Value.Files.GroupBy(Path.GetDirectoryName), static it => it.Count() > LargestFolder);

    [Fact]
    public void Public_types_are_found_without_their_room_and_internal_ones_with_it()
    {
        Type[] types = typeof(NetSocket).Assembly.GetTypes()
            .Where(static it => !it.IsNested && !it.Name.Contains('<') && it.Namespace is not null
                && it.Namespace.StartsWith(nameof(NetKeepAlive), StringComparison.Ordinal))
            .ToArray();
        Assert.All(types.Where(static it => it.IsPublic), static it => Assert.Equal("NetKeepAlive", it.Namespace));
        Assert.All(
            types.Where(static it => !it.IsPublic),
            static it => Assert.Contains(it.Namespace!.Split('.').ElementAtOrDefault(1), Rooms));
    }

    // A test that cannot fail proves nothing: each fault, put in on purpose.
    [Fact]
    public void An_upward_arrow_and_a_cycle_are_found()
    {
        House house = House.Read(
        [
            ("Low/Tool.cs", "namespace N.Low; class Tool { int Use() => N.High.User.Number; }"),
            ("High/User.cs", "namespace N.High; class User { internal static int Number; N.Low.Tool tool; }"),
            ("Side/Alone.cs", "namespace N.Side; class Alone { }"),
        ]);
        Assert.Equal(["Low/Tool.cs -> High/User.cs"], house.Upward(["Low", "High", "Side"]).Select(static it => it.ToString()));
        Assert.Equal(["High", "Low"], Assert.Single(house.RoomCycles()));
        Assert.Single(house.FileCycles());
        Assert.Empty(House.Read([("A/A.cs", "class A { }"), ("B/B.cs", "class B { A a; }")]).Upward(["A", "B"]));
    }
}
