// Reads assemblies as an ahead-of-time compiler would: `mono Lint.exe ASSEMBLY...`. Prints what a player without a just-in-time
// compiler, with stripped code or without a domain reload stumbles over, a line each: ASSEMBLY RULE WHERE.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

public static class Lint
{
    static readonly string[] Looks = { "GetMethod", "GetMethods", "GetField", "GetFields", "GetProperty", "GetProperties", "GetConstructor", "GetConstructors", "GetMember", "GetMembers", "InvokeMember", "MakeGenericType", "MakeArrayType", "GetInterfaces" };

    public static int Main(string[] args)
    {
        foreach (string path in args)
            using (PEReader file = new PEReader(File.OpenRead(path)))
            {
                MetadataReader reader = file.GetMetadataReader();
                foreach (string line in Types(reader).Concat(Members(reader)).Concat(Methods(reader)).Concat(Statics(reader)).Distinct())
                    Console.WriteLine(Path.GetFileName(path) + " " + line);
            }
        return 0;
    }

    // ---------------------------------------------------------------------------------------- what is referred to

    static IEnumerable<string> Types(MetadataReader reader)
    {
        foreach (TypeReferenceHandle handle in reader.TypeReferences)
        {
            TypeReference type = reader.GetTypeReference(handle);
            string space = reader.GetString(type.Namespace), name = reader.GetString(type.Name);
            if (space == "System.Reflection" && name != "MemberInfo" && !name.EndsWith("Attribute")) yield return "reflection " + name;
            else if (space.StartsWith("System.Reflection.Emit")) yield return "emit " + name;
            else if (space.StartsWith("System.Linq.Expressions")) yield return "expression " + name;
            else if (space.StartsWith("Microsoft.CSharp") || name == "CallSite" || name == "CallSite`1") yield return "dynamic " + name;
        }
    }

    static IEnumerable<string> Members(MetadataReader reader)
    {
        foreach (MemberReferenceHandle handle in reader.MemberReferences)
        {
            MemberReference member = reader.GetMemberReference(handle);
            string name = reader.GetString(member.Name), owner = Owner(reader, member.Parent);
            // The name of a type, as for a message, is there in every player.
            if (owner == "System.Reflection.MemberInfo" && name != "get_Name") yield return "reflection MemberInfo." + name;
            else if (owner == "System.Activator") yield return "activator " + name;
            else if (owner == "System.Type" && Looks.Contains(name)) yield return "reflection Type." + name;
            else if (owner == "System.Type" && name == "GetType" && reader.GetBlobReader(member.Signature).Length > 3) yield return "reflection Type.GetType by name";
            else if (owner == "System.AppDomain" || owner == "System.Runtime.Remoting.RemotingServices") yield return "domain " + name;
            else if (owner == "System.Delegate" && (name == "DynamicInvoke" || name == "CreateDelegate")) yield return "reflection Delegate." + name;
            else if ((owner == "System.Threading.Thread" || owner == "System.Threading.Timer") && name == ".ctor") yield return "thread " + owner;
            else if (owner == "System.Threading.Tasks.Task" && name == "Run") yield return "thread " + owner + ".Run";
            else if (owner == "System.Net.WebSockets.ClientWebSocket" && name == ".ctor") yield return "socket " + owner;
        }
    }

    static string Owner(MetadataReader reader, EntityHandle parent)
    {
        if (parent.Kind != HandleKind.TypeReference) return "";
        TypeReference type = reader.GetTypeReference((TypeReferenceHandle)parent);
        return reader.GetString(type.Namespace) + "." + reader.GetString(type.Name);
    }

    // ---------------------------------------------------------------------------------------- what is defined

    static IEnumerable<string> Methods(MetadataReader reader)
    {
        foreach (MethodDefinitionHandle handle in reader.MethodDefinitions)
        {
            MethodDefinition method = reader.GetMethodDefinition(handle);
            if ((method.Attributes & MethodAttributes.Virtual) != 0 && method.GetGenericParameters().Count > 0)
                yield return "generic-virtual " + Name(reader, method.GetDeclaringType()) + "." + reader.GetString(method.Name);
        }
    }

    // A static that can change outlives the game in an editor without domain reload, unless its type puts it back.
    static IEnumerable<string> Statics(MetadataReader reader)
    {
        foreach (TypeDefinitionHandle handle in reader.TypeDefinitions)
        {
            TypeDefinition type = reader.GetTypeDefinition(handle);
            if (Resets(reader, type)) continue;
            foreach (FieldDefinitionHandle each in type.GetFields())
            {
                FieldDefinition field = reader.GetFieldDefinition(each);
                string name = reader.GetString(field.Name);
                FieldAttributes how = field.Attributes;
                bool made = name.StartsWith("<") && !name.EndsWith("k__BackingField"); // by the compiler, for lambdas
                if ((how & FieldAttributes.Static) == 0 || (how & FieldAttributes.Literal) != 0 || made || Name(reader, handle).Contains("<")) continue;
                if ((how & FieldAttributes.InitOnly) == 0) yield return "static " + Name(reader, handle) + "." + name;
            }
        }
    }

    static bool Resets(MetadataReader reader, TypeDefinition type)
    {
        foreach (MethodDefinitionHandle handle in type.GetMethods())
            foreach (CustomAttributeHandle each in reader.GetMethodDefinition(handle).GetCustomAttributes())
            {
                CustomAttribute attribute = reader.GetCustomAttribute(each);
                if (attribute.Constructor.Kind != HandleKind.MemberReference) continue;
                MemberReference made = reader.GetMemberReference((MemberReferenceHandle)attribute.Constructor);
                if (Owner(reader, made.Parent) == "UnityEngine.RuntimeInitializeOnLoadMethodAttribute") return true;
            }
        return false;
    }

    static string Name(MetadataReader reader, TypeDefinitionHandle handle)
    {
        TypeDefinition type = reader.GetTypeDefinition(handle);
        TypeDefinitionHandle outer = type.GetDeclaringType();
        return (outer.IsNil ? "" : Name(reader, outer) + "+") + reader.GetString(type.Name);
    }
}
