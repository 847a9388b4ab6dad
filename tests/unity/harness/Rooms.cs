// A room as a game has it: what the component says when it opens one, and what its events tell of the people in it.
using System.Collections.Generic;
using System.Linq;
using CompanionBridge;
using UnityEngine;

public static class Rooms
{
    const string Agenda = "'agenda':[{'title':'Lenses','minutes':7.5},{'title':'Tides'}]";
    const string Companions = "'companions':[{'companion':'main','identity':{'name':'Mira'}},{'companion':'keeper','identity':{'name':'Orin'}}]";

    public static CompanionRoom Room;

    /// Before the character wakes.
    public static void Put(CompanionClient client)
    {
        Room = client.gameObject.AddComponent<CompanionRoom>();
        Room.Room = "kitchen";
        Room.Key = "s3cret";
        Room.Kind = RoomKind.Meeting;
        GameObject desk = new GameObject("Desk");
        desk.transform.position = new Vector3(-1.5f, 0, 2);
        Room.Cast.Add(new CompanionRoom.Member { Identity = "mira", Place = desk.transform });
        Room.Cast.Add(new CompanionRoom.Member { Identity = "keeper", Voice = "amy" });
        Room.Agenda.Add(new CompanionRoom.Topic { Title = "Lenses", Minutes = 7.5f });
        Room.Agenda.Add(new CompanionRoom.Topic { Title = " " });
    }

    public static void Run(Stage stage, Dictionary<string, Value> told)
    {
        List<string> events = new List<string>();
        Room.OnCame.AddListener(name => events.Add("came " + name));
        Room.OnLeft.AddListener(name => events.Add("left " + name));
        Room.OnFloor.AddListener(name => events.Add("floor " + name));
        Room.OnWord.AddListener(name => events.Add("word " + name));
        Room.OnHandUp.AddListener(name => events.Add("up " + name));
        Room.OnHandDown.AddListener(name => events.Add("down " + name));
        Room.OnSaid.AddListener(words => events.Add("said " + words));
        Room.OnPrivateAnswer.AddListener(words => events.Add("alone " + words));
        Room.OnItem.AddListener(title => events.Add("item " + title));
        Room.OnMinutes.AddListener(text => events.Add("minutes " + text));
        Room.RaiseHand(); // too early: nothing is sent, and nothing thrown
        stage.Until(0.5);
        told["hello"] = stage.Line.Hello["room"];
        Is(stage, "'people':[{'name':'Ada','host':true}]", "'item':1");
        Is(stage, "'people':[{'name':'Ada','host':true},{'name':'Ben','hand':true}]", "'item':1");
        Is(stage, "'people':[{'name':'Ada','host':true},{'name':'Ben'}]", "'item':2,'word':'Ben'");
        stage.Line.Says(("{'type':'said','seq':" + Studio.NextSeq() + ",'by':'Ben','text':'Slow.'}").Replace('\'', '"'));
        stage.Line.Says(("{'type':'said','seq':" + Studio.NextSeq() + ",'by':'Orin','text':'Yes.','private':true}").Replace('\'', '"'));
        stage.Until(0.7);
        Room.Give("Ben");
        told["give"] = stage.Line.InRoom;
        Room.AskPrivately("What is a tide?");
        told["text"] = stage.Line.InRoom;
        stage.Line.Say(1, 1, "keeper");
        stage.Until(3);
        Is(stage, "'people':[{'name':'Ada','host':true},{'name':'Ben','here':false}]", "'item':0,'minutes':'# Board'");
        // Two hundred people come at once, some with names that are no names of a nice kind.
        string crowd = string.Join(",", Enumerable.Range(0, 200).Select(each => "{'name':'<b>" + each + "\\u202e'}"));
        int before = events.Count;
        Is(stage, "'people':[{'name':'Ada'}," + crowd + "]", "'item':0");
        told["crowd"] = Value.Of(events.Count - before);
        stage.Line.Say(2, 5, "keeper");
        stage.Until(4);
        // The line is lost and mended: nobody has left. Then the room closes in mid-turn.
        before = events.Count;
        stage.Line.End(1006);
        stage.Until(5);
        told["mended"] = Value.Of(events.Count - before);
        stage.Line.End(4090, "internal");
        stage.Until(5.5);
        told["closed"] = Value.Of(events.Skip(before).Count(each => each.StartsWith("left ")));
        told["floor"] = Value.Of(Room.Floor);
        told["events"] = Value.Of(events.Take(30).Where(each => !each.StartsWith("came <b>")).Select(Value.Of).ToList());
    }

    static void Is(Stage stage, string people, string more)
    {
        stage.Line.Says(("{'type':'room','room':'kitchen','you':'Ada','kind':'meeting'," + people + "," + Companions + "," + Agenda + "," + more + "}").Replace('\'', '"'));
        stage.Until(stage.Now + 0.05);
    }
}
